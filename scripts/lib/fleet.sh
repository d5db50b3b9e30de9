# Sourced, not run; brings common.sh, java.sh, processes.sh and proxy.sh with it. A fleet: several JVMs of this machine behind
# HAProxy, with the embedded PostgreSQL and, from two JVMs on, Redis. All of it is in its folder:
#
#   NAME.pid NAME.log            haproxy, postgres (what runs it and starts it again), redis, app1, app2, …
#   runner                       the process of scripts/fleet.sh
#   NAME.port                    of the same; haproxy.stats and appN.management too
#   appN.metrics                 the URL of a JVM's metrics
#   database-url servers.cfg     what the others read
#   postgres/ clicks/            data
#
# so that another script can act on a fleet that runs: FLEET names the folder. FLEET_SETTINGS may name another file of
# settings than conf/shortwave.yaml.
# shellcheck shell=bash

beside=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/common.sh
. "$beside/common.sh"
# shellcheck source=scripts/lib/java.sh
. "$beside/java.sh"
# shellcheck source=scripts/lib/processes.sh
. "$beside/processes.sh"
# shellcheck source=scripts/lib/proxy.sh
. "$beside/proxy.sh"

REMEDY_HAPROXY='2.6 or newer: apt-get install haproxy, dnf install haproxy or brew install haproxy'
REMEDY_REDIS='6.2 or newer, for more than one JVM: apt-get install redis-server, dnf install redis or brew install redis'

# fleet_note TEXT: progress.
fleet_note() { say "$*" >&2; }

fleet_value() { cat "$FLEET/$1" 2>/dev/null || true; }
fleet_pid() { fleet_value "$1.pid"; }

# fleet_failed NAME WHAT
fleet_failed() {
  [[ ! -s $FLEET/$1.log ]] || tail -n 30 "$FLEET/$1.log" >&2
  die "$1 $2; the end of $FLEET/$1.log is above"
}

# fleet_run NAME COMMAND...: in the background, in a process group of its own: a terminal's Ctrl-C must not end the
# database before those who use it.
fleet_run() {
  local name=$1
  shift
  set -m
  "$@" >>"$FLEET/$name.log" 2>&1 </dev/null &
  echo $! >"$FLEET/$name.pid"
  set +m
  # The shell would report its end as that of a job.
  disown
}

# fleet_await NAME SECONDS COMMAND...: until the command succeeds, or the process is gone.
fleet_await() {
  local name=$1 limit=$2 began=$SECONDS
  shift 2
  until "$@" >/dev/null 2>&1; do
    running "$(fleet_pid "$name")" || fleet_failed "$name" 'ended before it was ready'
    ((SECONDS - began < limit)) || fleet_failed "$name" "is not ready after $limit s"
    sleep 0.1
  done
}

# fleet_end NAME SECONDS [SIGNAL]: in order, by force if it takes longer.
fleet_end() {
  local pid
  pid=$(fleet_pid "$1")
  if running "$pid"; then
    kill "-${3:-TERM}" "$pid" 2>/dev/null || true
    ended "$pid" "$2" || { say "$1 does not end, killing it" >&2; kill -KILL "$pid" 2>/dev/null || true; }
  fi
  rm -f "$FLEET/$1.pid"
}

# fleet_lives: prints its processes that run, and fails if there are none.
fleet_lives() {
  local file name alive=
  for file in "$FLEET/runner" "$FLEET"/*.pid; do
    name=${file##*/}
    ! running "$(fleet_value "$name")" || alive+=", ${name%.pid} $(fleet_value "$name")"
  done
  [[ -n $alive ]] && echo "${alive#, }"
}

fleet_get() { curl -sf -m 5 --noproxy '*' "$@"; }
# fleet_await_up: until the proxy takes all JVMs for healthy; fails after 20 s, and prints the others.
fleet_await_up() {
  local began=$SECONDS stats
  stats=$(fleet_value haproxy.stats)
  until [[ $(proxy_servers_up "$stats") == $(fleet_value instances) ]]; do
    running "$(fleet_pid haproxy)" || fleet_failed haproxy ended
    ((SECONDS - began < 20)) || { fleet_note "after 20 s HAProxy still has:$(proxy_servers_down "$stats")"; return 1; }
    sleep 0.1
  done
}
fleet_ready() { fleet_get -o /dev/null "http://127.0.0.1:$(fleet_value "$1.port")/health/ready"; }
fleet_url() { echo "http://127.0.0.1:$(fleet_value haproxy.port)"; }

# fleet_names: app1 app2 …
fleet_names() { seq -f 'app%.0f' 1 "$(fleet_value instances)"; }

# fleet_tools INSTANCES: fails with the remedy if something is missing.
fleet_tools() {
  find_tool curl "$REMEDY_CURL" >/dev/null
  HAPROXY=$(find_tool haproxy "$REMEDY_HAPROXY")
  REDIS=
  (($1 < 2)) || REDIS=$(find_tool redis-server "$REMEDY_REDIS")
}

# What the environment says of other servers and ports is not for a fleet, which has its own: without any of it.
without_others=(env)
for setting in DATABASE_URL DATABASE_HOST DATABASE_PORT DATABASE_NAME DATABASE_USER DATABASE_PASSWORD DATABASE_READ_URL \
  REDIS_URL REDIS_SENTINELS; do
  without_others+=(-u "$setting" -u "SHORTWAVE_$setting")
done
without_others+=(-u PORT -u MANAGEMENT_PORT)

fleet_start_postgres() {
  rm -f "$FLEET/database-url"
  fleet_run postgres "${without_others[@]}" "SHORTWAVE_EMBEDDED_DIRECTORY=$FLEET/postgres" \
    "$JAVA" "${JVM_FLAGS[@]}" -cp "$CLASSES" dev.shortwave.EmbeddedPostgresMain --url-file "$FLEET/database-url"
  fleet_await postgres 120 test -s "$FLEET/database-url"
}

fleet_start_redis() {
  # As small as the write-ups' own, and a cache only: nothing to keep.
  fleet_run redis "$REDIS" --port "$(fleet_value redis.port)" --bind 127.0.0.1 --save '' --appendonly no \
    --maxmemory 256mb --maxmemory-policy allkeys-lru --dir "$FLEET"
  fleet_await redis 20 listens "$(fleet_value redis.port)"
}

# fleet_service NAME [ARGUMENT]: leaves the command of the JVM in $service.
fleet_service() {
  local name=$1
  shift
  service=(
    "${without_others[@]}"
    "DATABASE_URL=$(fleet_value database-url)"
    "SHORTWAVE_HTTP_PORT=$(fleet_value "$name.port")"
    "SHORTWAVE_MANAGEMENT_PORT=$(fleet_value "$name.management")"
    "SHORTWAVE_CLICKS_DIRECTORY=$FLEET/clicks"
    # Longer than the proxy's checks need to see that readiness says no.
    SHORTWAVE_HTTP_DRAIN_DELAY=2s
    SHORTWAVE_HTTP_METRICS_ENABLED=false
  )
  [[ ! -f $FLEET/redis.port ]] || service+=("REDIS_URL=redis://127.0.0.1:$(fleet_value redis.port)")
  service+=(
    "$JAVA" "${JVM_FLAGS[@]}" ${ARCHIVE_FLAGS[@]+"${ARCHIVE_FLAGS[@]}"} -cp "$CLASSES" dev.shortwave.Shortwave
    ${FLEET_SETTINGS:+--config "$FLEET_SETTINGS"} "$@"
  )
}

# fleet_launch NAME: starts the JVM; fleet_await_ready waits for it.
fleet_launch() {
  local service
  fleet_service "$1"
  fleet_run "$1" "${service[@]}"
}

# fleet_settings NAME: fails, and prints the reason, if a start with the present settings would fail.
fleet_settings() {
  local service output
  fleet_service "$1" --check-config
  output=$("${service[@]}" 2>&1) || { printf '%s\n' "$output" >&2; return 1; }
}

fleet_await_ready() { fleet_await "$1" 120 fleet_ready "$1"; }

fleet_start_haproxy() {
  local name
  {
    echo 'backend app from jvms'
    for name in $(fleet_names); do
      echo "    server $name 127.0.0.1:$(fleet_value "$name.port")"
    done
  } >"$FLEET/servers.cfg"
  fleet_run_haproxy
}

# fleet_run_haproxy: in front of the servers in servers.cfg, until it takes all for healthy. A load comes from one address, so
# nothing is limited for one client unless the environment says so. With PROXY_MAXCONN it starts even
# if there may be fewer files than twice as many: its value is then the number of clients that send requests.
fleet_run_haproxy() {
  [[ -z ${PROXY_MAXCONN:-} ]] || printf 'global\n    no strict-limits\n' >>"$FLEET/servers.cfg"
  fleet_run haproxy env "PROXY_BIND=127.0.0.1:$(fleet_value haproxy.port)" \
    "PROXY_STATS_BIND=127.0.0.1:$(fleet_value haproxy.stats)" \
    "PROXY_MAXCONN=${PROXY_MAXCONN:-$(proxy_connections "$(ulimit -Hn)")}" \
    "PROXY_SOCKET=/tmp/shortwave-haproxy-$(fleet_value haproxy.port).sock" \
    "PROXY_WRITES=${PROXY_WRITES:-1000000}" "PROXY_CLIENT_REQUESTS=${PROXY_CLIENT_REQUESTS:-1000000}" \
    "PROXY_CLIENT_MAXCONN=${PROXY_CLIENT_MAXCONN:-1000000}" "PROXY_LOG_PERCENT=${PROXY_LOG_PERCENT:-1}" \
    "$HAPROXY" -db -f "$ROOT/haproxy/haproxy.cfg" -f "$FLEET/servers.cfg"
  fleet_await_up || fleet_failed haproxy 'does not have all JVMs'
}

# fleet_prepare: what the JVMs run with. Needs find_java and a build.
fleet_prepare() {
  CLASSES=$(class_path)
  jvm_flags
  start_archive "$CLASSES"
  # Writing an archive takes its time at the end of the first run; scripts/run.sh does it.
  [[ -z $ARCHIVE_NEW ]] || ARCHIVE_FLAGS=()
}

# fleet_start INSTANCES PORT SEEDS: all of it; PORT 0 takes a free one. Needs fleet_tools.
fleet_start() {
  local instances=$1 port=$2 seeds=$3 name
  (umask 077 && mkdir -p "$FLEET")
  echo "$instances" >"$FLEET/instances"
  ((port)) || free_port
  echo "$port" >"$FLEET/haproxy.port"
  for name in haproxy.stats $( ((instances < 2)) || echo redis.port) $(seq -f 'app%.0f.port' 1 "$instances") \
    $(seq -f 'app%.0f.management' 1 "$instances"); do
    free_port
    echo "$port" >"$FLEET/$name"
  done
  fleet_prepare
  fleet_note 'starting PostgreSQL'
  fleet_start_postgres
  if [[ -n $seeds ]]; then
    fleet_note "loading $seeds"
    "${without_others[@]}" "$JAVA" "${JVM_FLAGS[@]}" -cp "$CLASSES" dev.shortwave.seeding.LoadSeeds "$seeds" \
      --database "$(fleet_value database-url)" >"$FLEET/seeds.log" 2>&1 || fleet_failed seeds 'could not be loaded'
  fi
  if ((instances > 1)); then
    fleet_note 'starting Redis'
    fleet_start_redis
  fi
  fleet_note "starting $instances JVMs"
  for name in $(fleet_names); do
    echo "http://127.0.0.1:$(fleet_value "$name.management")/metrics" >"$FLEET/$name.metrics"
    fleet_launch "$name"
  done
  for name in $(fleet_names); do fleet_await_ready "$name"; done
  fleet_note 'starting HAProxy'
  fleet_start_haproxy
}

# fleet_stop: each process before those that it depends on.
fleet_stop() {
  local name
  [[ -f $FLEET/instances ]] || return 0
  fleet_end haproxy 5
  rm -f "/tmp/shortwave-haproxy-$(fleet_value haproxy.port).sock"
  for name in $(fleet_names); do
    ! running "$(fleet_pid "$name")" || kill -TERM "$(fleet_pid "$name")" 2>/dev/null || true
  done
  for name in $(fleet_names); do fleet_end "$name" 40; done
  fleet_end redis 10
  fleet_end postgres 30
  # Had its JVM been killed, the server would still be there; its first line is its process id.
  [[ ! -f $FLEET/postgres/postmaster.pid ]] || kill -INT "$(head -n 1 "$FLEET/postgres/postmaster.pid")" 2>/dev/null || true
}

# fleet_restart NAME: in order, and ready again.
fleet_restart() {
  fleet_end "$1" 60
  fleet_launch "$1"
  fleet_await_ready "$1"
  fleet_await_up
}
