# Sourced after fleet.sh, not run: observers of a fleet, and failures that have an alert. The script that sources it sets prometheus,
# the command, and has a function fail TEXT.
# shellcheck shell=bash
# shellcheck disable=SC2154  # prometheus and port

readonly OBSERVABILITY=$ROOT/docker/observability
readonly MAX_ALERT_SECONDS=60 # from a failure to the message

caused=() # names of the alerts that fired
loads=()  # processes that load the fleet

# metrics_of NAME: the host and port of a JVM's metrics.
metrics_of() { echo "127.0.0.1:$(fleet_value "$1.management")"; }

# start_prometheus NAME: with the configuration and the rules in its folder.
start_prometheus() {
  free_port
  echo "$port" >"$FLEET/$1.port"
  fleet_run "$1" "$prometheus" "--config.file=$FLEET/$1/prometheus.yaml" "--storage.tsdb.path=$FLEET/$1/data" \
    "--web.listen-address=127.0.0.1:$port"
  fleet_await "$1" 20 fleet_get "http://127.0.0.1:$port/-/ready"
}

start_observers() {
  local alertmanager name
  free_port
  fleet_run receiver exec_tool -Xmx32m tools.alerts.AlertReceiver "$port"
  fleet_await receiver 20 listens "$port"
  local receiver=$port
  free_port
  alertmanager=$port
  fleet_run alertmanager env "ALERT_WEBHOOK_URL=http://127.0.0.1:$receiver/" "ALERTMANAGER_CONFIG=$FLEET/alertmanager.yaml" \
    "$OBSERVABILITY/alertmanager/start" "--storage.path=$FLEET/alertmanager" "--web.listen-address=127.0.0.1:$alertmanager"
  fleet_await alertmanager 20 fleet_get "http://127.0.0.1:$alertmanager/-/ready"

  for name in shipped hurried; do
    mkdir -p "$FLEET/$name/alerts"
    sed -e "s/127.0.0.1:8081/$(metrics_of app1), $(metrics_of app2)/" -e "s/127.0.0.1:8404/127.0.0.1:$(fleet_value haproxy.stats)/" \
      -e "s/127.0.0.1:9093/127.0.0.1:$alertmanager/" "$OBSERVABILITY/prometheus/local.yaml" >"$FLEET/$name/prometheus.yaml"
    cp "$OBSERVABILITY/prometheus/alerts/shortwave.yaml" "$FLEET/$name/alerts"
  done
  # Durations in seconds stay.
  sed -i.shipped -E -e 's/([0-9])m\b/\1s/g' -e 's/([0-9])h\b/\1m/g' "$FLEET/hurried/alerts/shortwave.yaml"
  sed -i.shipped -E -e 's/_interval: 5s/_interval: 500ms/' -e '/^alerting:/,/^$/d' "$FLEET/hurried/prometheus.yaml"
  start_prometheus shipped
  start_prometheus hurried
}

# fires NAME: in the hurried Prometheus.
fires() {
  fleet_get -G --data-urlencode "query=ALERTS{alertname=\"$1\",alertstate=\"firing\"}" \
    "http://127.0.0.1:$(fleet_value hurried.port)/api/v1/query" | grep '"alertname"' >/dev/null
}

# await_fires NAME SECONDS
await_fires() {
  local began=$SECONDS
  until fires "$1"; do
    ((SECONDS - began < $2)) || fail "$1 does not fire within $2 s"
    sleep 0.5
  done
  caused+=("$1")
  say "$1 fires"
}

# await_message NAME SINCE: until the receiver has it; SINCE is the second of the failure.
await_message() {
  local line
  until line=$(grep -m 1 " firing $1\$" "$FLEET/receiver.log"); do
    (($(date +%s) - $2 < 120)) || fail "$1 has no message within 120 s"
    sleep 0.5
  done
  local seconds=$((${line%% *} / 1000 - $2))
  caused+=("$1")
  say "$1 has its message $seconds s after its cause"
  ((seconds <= MAX_ALERT_SECONDS)) || fail "$1 takes longer than $MAX_ALERT_SECONDS s"
}

# load PORT CODES USERS: some of its requests fail.
load() {
  rm -f "$FLEET/stop"
  exec_tool -Xmx64m tools.load.RedirectLoad "$1" "$2" "$3" "$FLEET/stop" >/dev/null 2>&1 &
  loads+=($!)
}
end_loads() {
  local load
  touch "$FLEET/stop"
  for load in ${loads[@]+"${loads[@]}"}; do wait "$load" || true; done
  loads=()
}

kill_postgres() {
  local server
  server=$(head -n 1 "$FLEET/postgres/postmaster.pid")
  # The process that would start it again is first.
  kill -KILL "$(fleet_pid postgres)"
  kill -QUIT "$server"
}

# sql STATEMENT
sql() { run_tool -Xmx64m tools.database.Sql "$(fleet_value database-url)" "$1"; }

# damage_journals: a few bytes in the middle of each file, where there are only clicks.
damage_journals() {
  local file
  while read -r file; do
    printf 'not a click, not a click, not a click' |
      dd of="$file" bs=1 seek=$(($(wc -c <"$file") / 2)) conv=notrunc 2>/dev/null
  done < <(find "$FLEET/clicks" -name '*.clicks')
}

database_is_back() { fleet_get "http://$(metrics_of "$1")/metrics" | grep '^shortwave_database_up 1' >/dev/null; }
