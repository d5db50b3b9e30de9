#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/fleet-test.sh [--instances N] [--keep]

Starts a fleet of JVMs behind HAProxy on free ports, and looks whether the proxy
keeps its promises: what is for operators is out of reach, writes of one client
are limited, a restart of all JVMs in turn loses no request under load, and
neither does kill -9 of one; every answered redirect is booked. At last Redis is
killed, and diagnose.sh has to name it.

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
# shellcheck source=scripts/lib/asking.sh
. "$here/lib/asking.sh"

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
    *) keep_or_help "$1" ;;
  esac
  shift
done

find_java
fleet_tools "$instances"
build_if_needed
compile_tools

FLEET=$(mktemp -d)
scratch=$FLEET

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
clean_up_at_end

fail() {
  tail -n 5 "$FLEET"/haproxy.log >&2
  die "FAILED: $*"
}

say 'the configuration'
"$HAPROXY" -c -q -f "$ROOT/haproxy/haproxy.cfg" -f "$ROOT/haproxy/servers-dns.cfg" || die 'FAILED: HAProxy refuses its configuration'

command -v openssl >/dev/null || die 'needs openssl, for a certificate'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -keyout "$FLEET/key" -out "$FLEET/chain" 2>/dev/null
cat "$FLEET/chain" "$FLEET/key" >"$FLEET/certificate.pem"
free_port
export PROXY_TLS_CERTIFICATES=$FLEET/certificate.pem PROXY_TLS_BIND=127.0.0.1:$port PROXY_ACME_THUMBPRINT=ours
# Of no account: a fleet has its own.
export SHORTWAVE_DATABASE_URL=postgresql://nobody@127.0.0.1:1/none DATABASE_HOST=none.invalid SHORTWAVE_REDIS_URL=redis://none.invalid
PROXY_WRITES=$MOST_WRITES PROXY_LOG_PERCENT=100 fleet_start "$instances" 0 "$ROOT/seeds"
base=$(fleet_url)
fetch_codes "$base" >"$FLEET/codes"
code=$(head -n 1 "$FLEET/codes")

say 'what the proxy lets through'
ask 200 /.well-known/acme-challenge/a-token_1
[[ $(<"$FLEET/body") == a-token_1.ours ]] || fail "the proof for certificates is $(<"$FLEET/body")"
secure=(--resolve "localhost:${PROXY_TLS_BIND##*:}:127.0.0.1" --cacert "$FLEET/chain")
base=https://localhost:${PROXY_TLS_BIND##*:} shorten 201 "${secure[@]}"
grep -q '"short_url":"https:' "$FLEET/body" || fail "who came with TLS is told $(<"$FLEET/body")"
check_proxy "$code" $((MOST_WRITES - 1))
clicks=$answered
# As long as a client may make them, and of what takes most room in JSON.
ask 404 "/$(printf '%%22%.0s' {1..1000})" -A "$(printf '"%.0s' {1..3000})"
ask 404 "/$(printf '\\%.0s' {1..3000})"
! grep '^{' "$FLEET/haproxy.log" | grep -v '"}$' >&2 || fail 'the lines above of the log are no JSON'

say 'a restart of all JVMs in turn'
start_load "$(fleet_value haproxy.port)"
"$here/rolling-restart.sh" --folder "$FLEET"
end_load 'rolling restart'
clicks=$((clicks + answered))
read -r booked counters < <(booked_clicks "$(fleet_value database-url)" "$clicks" 30)
((booked == clicks && counters == clicks)) || fail "$clicks redirects answered, $booked booked, $counters counted"

say 'kill -9 of one JVM, and a restart of the others'
retried=$(proxy_retries "$(fleet_value haproxy.stats)")
start_load "$(fleet_value haproxy.port)"
sleep 3
kill -KILL "$(fleet_pid "app$instances")"
sleep 4
pids=$(cat "$FLEET"/app*.pid)
! SHORTWAVE_CACHE_MAX_SIZE=much "$here/rolling-restart.sh" --folder "$FLEET" >"$FLEET/said" 2>&1 || fail 'a restart with settings that no JVM would start with was well'
[[ $(cat "$FLEET"/app*.pid) == "$pids" ]] || fail 'a restart with settings that no JVM would start with stopped a JVM'
grep 'cache.max-size' "$FLEET/said" >/dev/null || { cat "$FLEET/said" >&2; fail 'which setting is wrong is not told'; }
# The one that is dead comes back before another one goes.
"$here/rolling-restart.sh" --folder "$FLEET"
end_load 'kill -9 of one, and a restart of the others'
clicks=$((clicks + answered))
retried=$(($(proxy_retries "$(fleet_value haproxy.stats)") - retried))
read -r booked counters < <(booked_clicks "$(fleet_value database-url)" "$clicks" 30)
# What the killed JVM had written down and not answered yet was asked for again: one click more for each at most.
((booked >= clicks && booked <= clicks + retried && counters == booked)) ||
  fail "$clicks redirects answered, $booked booked, $counters counted, $retried retried"
# diagnose: of all JVMs; leaves what is said in $FLEET/said, and the archive.
diagnose() {
  local metrics arguments=(--proxy "http://127.0.0.1:$(fleet_value haproxy.stats)" --code "$code")
  for metrics in "$FLEET"/app*.metrics; do arguments+=(--management "$(sed 's,/metrics$,,' "$metrics")"); done
  rm -f "$FLEET/diagnosis.tar.gz"
  "$here/diagnose.sh" "${arguments[@]}" --seconds 1 --output "$FLEET/diagnosis.tar.gz" >"$FLEET/said" 2>&1 ||
    { cat "$FLEET/said" >&2; fail 'diagnose.sh does not get all of it'; }
}

say 'what diagnose.sh finds'
diagnose
! grep 'does not answer' "$FLEET/said" >&2 || fail 'it misses what is there'
for file in explain.json recording.jfr threads-after.txt log.txt; do
  [[ $(tar -tzf "$FLEET/diagnosis.tar.gz" | grep -c "/$file\$") == "$instances" ]] || fail "not every JVM has a $file in the archive"
done
tar -tzf "$FLEET/diagnosis.tar.gz" | grep '/haproxy.csv$' >/dev/null || fail "HAProxy's statistics are not in the archive"
grep 'all JVMs that it knows are up' "$FLEET/said" >/dev/null || { cat "$FLEET/said" >&2; fail 'it does not ask HAProxy'; }
fleet_end redis 5 KILL
sleep 5
diagnose
[[ $(grep -c 'Redis does not answer' "$FLEET/said") == "$instances" ]] || { cat "$FLEET/said" >&2; fail 'it does not tell that Redis is gone'; }
say "all well: $clicks redirects answered, $booked booked, $retried retried"
