#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/fleet-test.sh [--instances N] [--keep]

Starts a fleet of JVMs behind HAProxy on free ports, and looks whether the proxy
keeps its promises: what is for operators is out of reach, writes of one client
are limited, a restart of all JVMs in turn loses no request under load, and
neither does kill -9 of one; every answered redirect is booked.

  --instances N   JVMs            (2)
  --keep          leave the folder
  --help          this text
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/fleet.sh
. "$here/lib/fleet.sh"
# shellcheck source=scripts/lib/load.sh
. "$here/lib/load.sh"

# A write more than this is too many; small, so that the test is short.
readonly MOST_WRITES=20

instances=2
keep=
while (($#)); do
  case $1 in
    --instances)
      { (($# > 1)) && [[ $2 =~ ^[2-9]$ ]]; } || die '--instances takes a number from 2 to 9'
      instances=$2
      shift
      ;;
    --keep) keep=yes ;;
    -h | --help) usage; exit 0 ;;
    *) die "unknown argument '$1' (try --help)" ;;
  esac
  shift
done

find_java
fleet_tools "$instances"
build_if_needed
compile_tools

FLEET=$(mktemp -d)
load=

# shellcheck disable=SC2317  # called by the trap
clean_up() {
  local code=$?
  trap - EXIT
  trap '' INT TERM HUP
  ! running "$load" || kill -TERM "$load" 2>/dev/null || true
  fleet_stop
  if [[ -n $keep ]]; then say "left $FLEET"; else rm -rf "$FLEET"; fi
  exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

fail() {
  tail -n 5 "$FLEET"/haproxy.log >&2
  die "FAILED: $*"
}

# ask STATUS PATH [curl's arguments]: leaves headers in $FLEET/headers and the body in $FLEET/body.
ask() {
  local expected=$1 path=$2 status
  shift 2
  status=$(curl -s --path-as-is -m 20 --noproxy '*' -D "$FLEET/headers" -o "$FLEET/body" -w '%{http_code}' "$@" "$base$path") || true
  [[ $status == "$expected" ]] || fail "$path answered $status, not $expected: $(head -c 300 "$FLEET/body")"
}
header() { grep -qi "^$1" "$FLEET/headers" || fail "no header '$1' in: $(cat "$FLEET/headers")"; }
no_header() { ! grep -qi "^$1" "$FLEET/headers" || fail "a header '$1' in: $(cat "$FLEET/headers")"; }

start_load() {
  rm -f "$FLEET/stop"
  "$JAVA" -Xmx64m -cp "$TOOLS" FollowLinks "$(fleet_value haproxy.port)" "$FLEET/codes" 20 "$FLEET/stop" >"$FLEET/load" &
  load=$!
}

# end_load WHAT: no request may have failed; leaves how many were answered in $answered.
end_load() {
  local code=0
  touch "$FLEET/stop"
  wait "$load" || code=$?
  load=
  read -r answered failed <"$FLEET/load"
  say "$1: $answered answered, $failed failed"
  ((code == 0)) || fail "$1: $failed requests failed"
}

proxy_counter() {
  fleet_get "http://127.0.0.1:$(fleet_value haproxy.stats)/;csv" |
    awk -F, '$1 == "app" && $2 == "BACKEND" { print $16 + $17 }'
}

say 'the configuration'
"$HAPROXY" -c -q -f "$ROOT/haproxy/haproxy.cfg" -f "$ROOT/haproxy/servers-dns.cfg" || die 'FAILED: HAProxy refuses its configuration'

PROXY_WRITES=$MOST_WRITES PROXY_LOG_PERCENT=100 fleet_start "$instances" 0 "$ROOT/seeds"
base=$(fleet_url)
fetch_codes "$base" >"$FLEET/codes"
code=$(head -n 1 "$FLEET/codes")

say 'what the proxy lets through'
ask 302 "/$code"
header 'x-request-id: .'
no_header 'content-encoding'
ask 200 /health
[[ $(<"$FLEET/body") == '{"status":"ok"}' ]] || fail "/health tells details: $(<"$FLEET/body")"
ask 200 '/users?per_page=50' --compressed
header 'content-encoding: gzip'
for path in /metrics /metrics/ /%6detrics //metrics /./metrics /x/../metrics /%2e/metrics /health/ready /health/live /config /admin/cache/warm; do
  ask 404 "$path"
  ! grep -qE 'jvm_|database|uptime' "$FLEET/body" || fail "$path: $(head -c 300 "$FLEET/body")"
done
header 'content-type: application/problem+json'
ask 404 /metrics -H 'X-Request-Id: of-the-caller'
header 'x-request-id: of-the-caller'
ask 302 "/$code" -H 'X-Request-Id: two words'
no_header 'x-request-id: two'
for ((write = 0; write < MOST_WRITES; write++)); do
  ask 201 /shorten -H 'Content-Type: application/json' -d '{"url":"https://fernhill.example/fleet"}'
done
ask 429 /shorten -H 'Content-Type: application/json' -d '{"url":"https://fernhill.example/fleet"}'
header 'retry-after: 10'
ask 302 "/$code"
# By curl above, besides the load below.
clicks=3

say 'a restart of all JVMs in turn'
start_load
"$here/rolling-restart.sh" --folder "$FLEET"
end_load 'rolling restart'
clicks=$((clicks + answered))
read -r booked counters < <(booked_clicks "$clicks" 30)
((booked == clicks && counters == clicks)) || fail "$clicks redirects answered, $booked booked, $counters counted"

say 'kill -9 of one JVM'
retried=$(proxy_counter)
start_load
sleep 3
kill -KILL "$(fleet_pid app1)"
sleep 4
fleet_launch app1
fleet_await_ready app1
fleet_await haproxy 20 fleet_all_up
end_load 'kill -9'
clicks=$((clicks + answered))
retried=$(($(proxy_counter) - retried))
read -r booked counters < <(booked_clicks "$clicks" 30)
# What the killed JVM had written down and not answered yet was asked for again: one click more for each at most.
((booked >= clicks && booked <= clicks + retried && counters == booked)) ||
  fail "$clicks redirects answered, $booked booked, $counters counted, $retried retried"
say "all well: $clicks redirects answered, $booked booked, $retried retried"
