#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/fleet-test.sh [--instances N] [--keep]

Starts a fleet of JVMs behind HAProxy on free ports, and checks what the proxy
guarantees: what is for operators is out of reach, what is no HTTP stays
outside, clients are limited, slow ones leave room for redirects, a restart of all JVMs in turn loses no request under load, and
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
# shellcheck source=scripts/lib/http.sh
. "$here/lib/http.sh"

# A write more than this is too many; small, so that the test is short.
readonly MOST_WRITES=20

# In bytes; the largest links.max-url-length.
readonly LONGEST_LOCATION=8192

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
build_tools_if_needed

FLEET=$(mktemp -d)
scratch=$FLEET

# shellcheck disable=SC2317  # called by the trap
clean_up() {
  local code=$?
  trap - EXIT
  trap '' INT TERM HUP
  ! running "$load" || kill -TERM "$load" 2>/dev/null || true
  stop_slow
  fleet_end limited 5
  fleet_end late 5
  fleet_stop
  if [[ -n $keep ]]; then say "left $FLEET"; else rm -rf "$FLEET"; fi
  exit "$code"
}
clean_up_at_end

fail() {
  [[ ! -f $FLEET/haproxy.log ]] || tail -n 5 "$FLEET/haproxy.log" >&2
  die "FAILED: $*"
}

slow=()
# start_slow N BYTES [MORE]: clients that send this, MORE bytes of nothing, and then nothing for long.
start_slow() {
  local client address=${base#http://}
  for ((client = 0; client < $1; client++)); do
    (
      exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
      printf '%b' "$2" >&3
      head -c "${3:-0}" /dev/zero | tr '\0' ' ' >&3
      exec sleep 60
    ) 2>/dev/null &
    slow+=($!)
  done
  sleep 0.5
}

stop_slow() {
  ((${#slow[@]} == 0)) || kill "${slow[@]}" 2>/dev/null || true
  slow=()
}

# check_slow WHAT N BYTES [MORE]: so many slow clients, and redirects all the same.
check_slow() {
  local time
  start_slow "${@:2}"
  for ((time = 0; time < 5; time++)); do ask 302 "/$code"; done
  clicks=$((clicks + 5))
  stop_slow
  say "$1: redirects go on"
}

# extended_connect: prints what HAProxy answers over TLS to CONNECT with :protocol, HTTP/2 by hand.
extended_connect() {
  {
    printf 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0'
    # A HEADERS frame of 51 bytes: :method CONNECT, :protocol websocket, :scheme https, :path /078686, :authority localhost
    printf '\0\0\63\1\4\0\0\0\1\2\7CONNECT\0\11:protocol\11websocket\207\4\7/078686\1\11localhost'
    sleep 1
  } | openssl s_client -quiet -no_ign_eof -alpn h2 -connect "$PROXY_TLS_BIND" 2>/dev/null || true
}

say 'the configuration'
configuration=(-c -q -f "$ROOT/haproxy/haproxy.cfg" -f "$ROOT/haproxy/servers-dns.cfg")
"$HAPROXY" "${configuration[@]}" || die 'FAILED: HAProxy refuses its configuration'
empty=()
while read -r variable; do empty+=("$variable="); done < <(sed -n 's/^#   \(PROXY_[A-Z_]*\) .*/\1/p' "$ROOT/haproxy/haproxy.cfg")
((${#empty[@]} > 10)) || die 'FAILED: the variables of haproxy.cfg were not found'
env "${empty[@]}" "$HAPROXY" "${configuration[@]}" || die 'FAILED: HAProxy takes an empty variable for a value'

say 'a service that is unavailable, and one that answers an upload late'
free_port
base=http://127.0.0.1:$port
free_port
late=$port
free_port
silent=$port
free_port
cat >"$FLEET/late.cfg" <<TEXT
backend app from jvms
    timeout server 500ms
    server app1 127.0.0.1:$late

defaults late
    timeout client 5s
    timeout connect 1s
    timeout server 1s

frontend late from late
    mode http
    bind 127.0.0.1:$late
    http-request return status 200 if { path /health/ready }
    http-request return status 503 content-type application/json string '{"status":"unavailable","database":"unavailable"}' if { path /health }
    default_backend late

backend late from late
    mode http
    server silent 127.0.0.1:$silent
    http-after-response set-status 201 if { status 504 }

frontend silent from late
    mode tcp
    bind 127.0.0.1:$silent
    tcp-request inspect-delay 5s
    tcp-request content reject if WAIT_END
TEXT
fleet_run late env -u PROXY_TLS_CERTIFICATES "PROXY_BIND=${base#http://}" "PROXY_STATS_BIND=127.0.0.1:$port" \
  "PROXY_SOCKET=$FLEET/late.sock" PROXY_MAXCONN=100 "$HAPROXY" -db -f "$ROOT/haproxy/haproxy.cfg" -f "$FLEET/late.cfg"
late_up() { [[ $(proxy_servers_up "$port") == 1 ]]; }
fleet_await late 20 late_up
ask 503 /health -H 'Accept: application/problem+json'
header 'content-type: application/json'
[[ $(<"$FLEET/body") == '{"status":"unavailable"}' ]] || fail "/health says $(<"$FLEET/body")"
ask 504 /shorten -H 'Content-Type: application/json' -d '{}' -H 'Accept: application/problem+json'
header 'content-type: application/problem+json'
ask 201 /users/bulk -F 'file=username,email;filename=users.csv'
fleet_end late 5

command -v openssl >/dev/null || die 'needs openssl, for a certificate'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -keyout "$FLEET/key" -out "$FLEET/chain" 2>/dev/null
cat "$FLEET/chain" "$FLEET/key" >"$FLEET/certificate.pem"
free_port
export PROXY_TLS_CERTIFICATES=$FLEET/certificate.pem PROXY_TLS_BIND=127.0.0.1:$port PROXY_ACME_THUMBPRINT=ours
# Ignored: a fleet has its own.
export SHORTWAVE_DATABASE_URL=postgresql://nobody@127.0.0.1:1/none DATABASE_HOST=none.invalid SHORTWAVE_REDIS_URL=redis://none.invalid
export SHORTWAVE_LINKS_MAX_URL_LENGTH=$LONGEST_LOCATION
PROXY_WRITES=$MOST_WRITES PROXY_LOG_PERCENT=100 fleet_start "$instances" 0 "$ROOT/seeds"
base=$(fleet_url)
fetch_codes "$base" >"$FLEET/codes"
code=$(head -n 1 "$FLEET/codes")

say 'what the proxy lets through'
ask 200 /.well-known/acme-challenge/a-token_1
[[ $(<"$FLEET/body") == a-token_1.ours ]] || fail "the proof for certificates is $(<"$FLEET/body")"
secure=(--resolve "localhost:${PROXY_TLS_BIND##*:}:127.0.0.1" --cacert "$FLEET/chain")
extended_connect >"$FLEET/extended"
LC_ALL=C grep -aq '405.*"type":"/problems/method-not-allowed"' "$FLEET/extended" || fail "an extended CONNECT is answered: $(LC_ALL=C tr -cd ' -~' <"$FLEET/extended")"
check_requests "$code"
clicks=$answered
base=https://localhost:${PROXY_TLS_BIND##*:} shorten 201 "${secure[@]}"
grep -q '"short_url":"https:' "$FLEET/body" || fail "a client over TLS gets $(<"$FLEET/body")"
[[ $(grep -ci '^strict-transport-security: max-age=31536000' "$FLEET/headers") == 1 ]] || fail "not one Strict-Transport-Security: $(<"$FLEET/headers")"
check_long_location $LONGEST_LOCATION
clicks=$((clicks + answered))
check_proxy "$code" $((MOST_WRITES - 2))
clicks=$((clicks + answered))
# As long as a client may make them, and of what takes most room in JSON.
ask 404 "/$(printf '%%22%.0s' {1..1000})" -A "$(printf '"%.0s' {1..3000})"
ask 404 "/$(printf '\\%.0s' {1..3000})"
! grep '^{' "$FLEET/haproxy.log" | grep -v '"}$' >&2 || fail 'the lines above of the log are no JSON'

say 'slow clients'
free_port
base=http://127.0.0.1:$port
free_port
limits=(PROXY_SERVER_MAXCONN=8 PROXY_BODY_TIMEOUT=4s PROXY_CLIENT_REQUESTS=25 PROXY_CLIENT_MAXCONN=40 PROXY_WRITES=1000)
fleet_run limited env -u PROXY_TLS_CERTIFICATES "${limits[@]}" "PROXY_BIND=${base#http://}" "PROXY_STATS_BIND=127.0.0.1:$port" \
  "PROXY_SOCKET=$FLEET/limited.sock" PROXY_MAXCONN=400 "$HAPROXY" -db -f "$ROOT/haproxy/haproxy.cfg" -f "$FLEET/servers.cfg"
limited_up() { [[ $(proxy_servers_up "$port") == "$instances" ]]; }
fleet_await limited 20 limited_up
json='POST /shorten HTTP/1.1\r\nHost: sho.rt\r\nContent-Type: application/json\r\n'
check_slow 'bodies that do not come' 20 "${json}Content-Length: 100\r\n\r\n{"
check_slow 'large bodies' 20 "${json}Content-Length: 60000\r\n\r\n{" 50000
check_slow 'bodies of redirects' 20 "GET /nobody-has-this HTTP/1.1\r\nHost: sho.rt\r\nContent-Length: 60000\r\n\r\n" 50000
check_slow 'uploads' 20 'POST /users/bulk HTTP/1.1\r\nHost: sho.rt\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="users.csv"\r\n\r\nusername,email\r\n' 50000
send 408 "${json}Content-Length: 100\r\n\r\n{"
problem request-timeout
start_slow 25 "${json}Content-Length: 100\r\n\r\n{"
send 429 "${json}Content-Length: 2\r\n\r\n{}"
problem too-many-requests
header 'retry-after: '
start_slow 15 ''
send 429 "GET /$code HTTP/1.1\r\nHost: sho.rt\r\n\r\n"
header 'connection: close'
start_slow 40 ''
[[ $(curl -s -o /dev/null -w '%{http_code}' -m 5 "$base/$code") == 000 ]] || fail 'a client may have as many connections as it likes'
stop_slow
fleet_end limited 5
base=$(fleet_url)

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
grep 'cache.max-size' "$FLEET/said" >/dev/null || { cat "$FLEET/said" >&2; fail 'the wrong setting is not named'; }
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
[[ $(grep -c 'Redis does not answer' "$FLEET/said") == "$instances" ]] || { cat "$FLEET/said" >&2; fail 'it does not report that Redis is down'; }
say "all well: $clicks redirects answered, $booked booked, $retried retried"
