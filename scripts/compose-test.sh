#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/compose-test.sh [--keep]

Builds the image, starts docker/compose.yaml as a separate project, and checks it:
routes for operators are unreachable, a container can write only to its volume,
JVMs trust only HAProxy's headers, JVMs can be added, killed and replaced under
load, an image that does not start replaces nothing, and every answered redirect
is booked. Removes the project and its data.

  --keep    leave it running
  --help    this text

Needs docker with Compose 2.24 or newer, and a JDK.
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=scripts/lib/java.sh
. "$here/lib/java.sh"
# shellcheck source=scripts/lib/stack.sh
. "$here/lib/stack.sh"
# shellcheck source=scripts/lib/load.sh
. "$here/lib/load.sh"
# shellcheck source=scripts/lib/http.sh
. "$here/lib/http.sh"

readonly MOST_WRITES=20

keep=
while (($#)); do
  keep_or_help "$1"
  shift
done

find_java
require_compiler
require_docker
build_tools_if_needed

scratch=$(mktemp -d)
stack_beside test

# shellcheck disable=SC2317  # called by the trap
clean_up() {
  local code=$?
  trap - EXIT
  trap '' INT TERM HUP
  ! running "$load" || kill -TERM "$load" 2>/dev/null || true
  if [[ -n $keep ]]; then
    say "left running: $base; docker compose -p $STACK -f docker/compose.yaml --profile '*' down -v ends it"
  else
    say 'taking it down'
    stack_down
    docker rmi "$STACK:broken" >/dev/null 2>&1 || true
  fi
  rm -rf "$scratch"
  exit "$code"
}
base=http://$HTTP_BIND
clean_up_at_end

fail() {
  stack logs --no-log-prefix --tail 5 haproxy >&2 || true
  die "FAILED: $*"
}

# expect WHAT FOUND WANTED
expect() { [[ $2 == "$3" ]] || fail "$1: $2, not $3"; }

# short_url_scheme CONTAINER JVM: the scheme that the JVM derives for a client in the container that sends X-Forwarded-Proto.
short_url_scheme() {
  local body='{"url":"https://fernhill.example/trust"}' request
  request="POST /shorten HTTP/1.1\r\nHost: sho.rt\r\nX-Forwarded-Proto: https\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${#body}\r\n\r\n$body"
  docker exec "$1" bash -c 'exec 3<>"/dev/tcp/$1/8080"; printf "%b" "$2" >&3; cat <&3' - "$2" "$request" |
    sed -n 's/.*"short_url":"\([a-z]*\):.*/\1/p'
}

# all_booked AT_MOST_MORE: fails unless booked clicks equal answered redirects, plus at most the retried ones; the next call
# counts from there.
all_booked() {
  local booked counters
  read -r booked counters < <(stack_booked_clicks "$clicks" 30) || fail 'the clicks could not be counted'
  ((booked >= clicks && booked <= clicks + $1 && counters == booked)) ||
    fail "$clicks redirects answered, $booked booked, $counters counted, $1 retried"
  say "$clicks redirects answered, $booked booked"
  clicks=$booked
}

say 'the configuration'
stack_do 'docker/compose.yaml' --profile '*' config --quiet
stack_do 'docker/observability/prometheus' run --rm --no-deps --entrypoint promtool prometheus check config /etc/prometheus/prometheus.yaml
# The build and HAProxy print their failures.
# Engines before Docker 25 have no shorter interval for starting containers, and this test starts many.
export HEALTH_INTERVAL=${HEALTH_INTERVAL:-3s}
PROXY_WRITES=$MOST_WRITES PROXY_LOG_PERCENT=100 stack_up 2 "$ROOT/seeds"
fetch_codes "$base" >"$scratch/codes"

say 'what the proxy lets through'
check_requests "$(head -n 1 "$scratch/codes")"
clicks=$answered
check_proxy "$(head -n 1 "$scratch/codes")" "$MOST_WRITES"
clicks=$((clicks + answered))

say 'what a container may do'
app=$(stack_containers app | head -n 1)
expect 'its user' "$(docker exec "$app" id -u)" 10001
for file in /new /opt/shortwave/new /var/lib/shortwave/new; do
  ! docker exec "$app" bash -c ": >$file" 2>/dev/null || fail "the container can write $file"
done
! docker logs "$app" 2>&1 | grep -i 'aot' || fail 'the AOT cache does not fit, see above'
address=$(docker inspect -f "{{(index .NetworkSettings.Networks \"${STACK}_edge\").IPAddress}}" "$app")
expect 'what HAProxy says of a client' "$(short_url_scheme "$(stack_containers haproxy)" "$address")" https
expect 'what another container says' "$(short_url_scheme "$(stack_containers app | tail -n 1)" "$address")" http

say 'one JVM more, one killed'
# Lifts the limits of HAProxy for the load.
start_load "${HTTP_BIND##*:}"
stack_do 'scaling up' up -d --wait --no-recreate --scale app=3 app
stack_await_up 3
retried=$(proxy_retries "${STATS_BIND##*:}")
docker kill --signal KILL "$app" >/dev/null
stack_await_up 2
sleep 2
end_load 'scaling and kill -9'
clicks=$((clicks + answered))
retried=$(($(proxy_retries "${STATS_BIND##*:}") - retried))
# Another JVM books the journal of the killed one.
all_booked "$retried"
docker rm "$app" >/dev/null

say 'an image that does not start'
docker build -q -t "$STACK:broken" - >"$scratch/broken" 2>&1 <<DOCKERFILE || fail "$(<"$scratch/broken")"
FROM $APP_IMAGE
ENV SHORTWAVE_HTTP_PORT=none
DOCKERFILE
before=$(stack_containers app)
! APP_IMAGE=$STACK:broken "$here/rolling-restart.sh" --project "$STACK" --no-build 2>"$scratch/broken" ||
  fail 'a JVM was replaced by one that does not start'
grep -q 'http.port' "$scratch/broken" || fail "nothing of why: $(<"$scratch/broken")"
expect 'the JVMs that are left' "$(stack_containers app)" "$before"

say 'all JVMs replaced in turn'
start_load "${HTTP_BIND##*:}"
"$here/rolling-restart.sh" --project "$STACK" --no-build
end_load 'rolling restart'
clicks=$((clicks + answered))
expect 'JVMs that stayed' "$(stack_containers app | grep -cxF "$before")" 0
all_booked 0

say 'all well'
