# Sourced by scripts/bench.sh.
# shellcheck shell=bash

# start_proxy NAME CHECK PORT...: HAProxy as scripts/fleet.sh runs it, in front of what listens on these ports; CHECK are
# rules for its backend. Leaves $proxy, its process, and $proxy_port.
start_proxy() {
  local server number=0
  FLEET=$work/$1
  mkdir "$FLEET"
  printf 'backend app from jvms\n%s\n' "$2" >"$FLEET/servers.cfg"
  shift 2
  for server in "$@"; do
    number=$((number + 1))
    echo "    server app$number 127.0.0.1:$server" >>"$FLEET/servers.cfg"
  done
  echo "$number" >"$FLEET/instances"
  free_port
  echo "$port" >"$FLEET/haproxy.stats"
  free_port
  echo "$port" >"$FLEET/haproxy.port"
  fleet_run_haproxy
  proxy=$(fleet_pid haproxy) proxy_port=$port
  children+=("$proxy")
}

# stop_proxy FOLDER PID
stop_proxy() {
  FLEET=$1 fleet_end haproxy 5
  rm -f "/tmp/shortwave-haproxy-$(cat "$1/haproxy.port").sock"
  forget "$2"
}

# processor_time: milliseconds that the processes have taken whose ids it reads, with children that have ended; 0 where
# the system has no /proc.
processor_time() {
  local pid
  while read -r pid; do
    # The second field is a name in brackets, which may have spaces.
    sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null || true
  done | awk -v ticks="$(getconf CLK_TCK)" '{ n += $12 + $13 + $14 + $15 } END { printf "%d\n", n * 1000 / ticks }'
}

# processor_times: of the HAProxy before our JVMs, of these, and of PostgreSQL with all its processes.
processor_times() {
  local server
  server=$(head -n 1 "$data/postmaster.pid")
  echo "$(processor_time <<<"$our_proxy")" "$(printf '%s\n' "${jvms[@]}" | processor_time)" \
    "$(ps -A -o pid= -o ppid= | awk -v server="$server" '$1 == server || $2 == server { print $1 }' | processor_time)"
}

# proxy_round: one line more in $work/proxied:
# bare/s ours/s ratio served booked milliseconds of HAProxy, of the JVMs, of PostgreSQL
proxy_round() {
  local bare proxy_before jvms_before postgres_before proxy_after jvms_after postgres_after
  drive "$bare_port" "$short"
  bare=$rate
  before_clicks
  read -r proxy_before jvms_before postgres_before < <(processor_times)
  drive "$our_port" "$short"
  after_clicks
  read -r proxy_after jvms_after postgres_after < <(processor_times)
  check_clicks proxy "$answered" "$connections"
  echo "$bare $rate $(calculate "$rate / $bare" 4) $served $booked $((proxy_after - proxy_before))" \
    "$((jvms_after - jvms_before)) $((postgres_after - postgres_before))" >>"$work/proxied"
  note "through HAProxy: two bare servers $bare/s, two JVMs $rate/s, ratio $(calculate "$rate / $bare" 2)"
}

# microseconds COLUMN: of processor time for each redirect.
microseconds() {
  local milliseconds
  milliseconds=$(sum "$1" "$work/proxied")
  if ((milliseconds)); then calculate "$milliseconds * 1000 / $(sum 4 "$work/proxied")" 1; else echo –; fi
}

row_proxy() {
  local our_proxy our_port bare_proxy bare_port floors round ratio
  need_wrk
  HAPROXY=$(find_tool haproxy "$REMEDY_HAPROXY")
  hot_codes
  start_fleet 2
  start_floor
  floors=("$floor") bare_port=$floor_port
  start_floor
  floors+=("$floor")
  # They answer every path with a redirect, that of the checks too.
  start_proxy bare-proxy '    http-check send meth GET uri / ver HTTP/1.1 hdr Host check.invalid
    http-check expect status 302' "$bare_port" "$floor_port"
  bare_proxy=$proxy bare_port=$proxy_port
  start_proxy our-proxy '' "${ports[@]}"
  our_proxy=$proxy our_port=$proxy_port
  note 'running all warm'
  drive "$bare_port" "$warm_up"
  before_clicks
  drive "$our_port" "$warm_up"
  after_clicks
  for ((round = 0; round < rounds; round++)); do proxy_round; done
  ratio=$(median 3 "$work/proxied" 1 2)
  cat <<TEXT

| warm redirects through HAProxy, $connections connections, $short s | rounds | two bare servers | two JVMs | ours ÷ bare, median | served | booked | target |
|---|--:|--:|--:|--:|--:|--:|---|
| HAProxy and all servers on this machine | $(count "$work/proxied") | $(thousands "$(median 1 "$work/proxied" 1 0)") /s | $(thousands "$(median 2 "$work/proxied" 1 0)") /s | $ratio ($(least 3 "$work/proxied" 1 2) to $(worst 3 "$work/proxied" 1 2)) | $(sum 4 "$work/proxied") | $(sum 5 "$work/proxied") | ≥ 0.8: $(verdict "$ratio >= 0.8") |

| processor time for each of these redirects, until all were booked | µs |
|---|--:|
| HAProxy | $(microseconds 6) |
| both JVMs, with the booking | $(microseconds 7) |
| PostgreSQL | $(microseconds 8) |
TEXT
  stop_proxy "$work/bare-proxy" "$bare_proxy"
  stop_proxy "$work/our-proxy" "$our_proxy"
  for floor in "${floors[@]}"; do stop_floor "$floor"; done
  stop_fleet
}
