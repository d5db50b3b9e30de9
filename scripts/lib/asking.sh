# Sourced after load.sh, not run: how the tests ask and load a service behind HAProxy.
#
# Whoever sources this sets base, the address of the service, and scratch, a folder, and has a function fail TEXT.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # base, scratch, load and answered: see above and below

# ask STATUS PATH [CURL'S ARGUMENTS]: leaves headers in $scratch/headers and the body in $scratch/body.
ask() {
  local expected=$1 path=$2 status
  shift 2
  status=$(curl -s --path-as-is -m 20 --noproxy '*' -D "$scratch/headers" -o "$scratch/body" -w '%{http_code}' "$@" "$base$path") || true
  [[ $status == "$expected" ]] || fail "$path answered $status, not $expected: $(head -c 300 "$scratch/body")"
}
header() { grep -qi "^$1" "$scratch/headers" || fail "no header '$1' in: $(cat "$scratch/headers")"; }
no_header() { ! grep -qi "^$1" "$scratch/headers" || fail "a header '$1' in: $(cat "$scratch/headers")"; }

# shorten STATUS [CURL'S ARGUMENTS]
shorten() {
  local expected=$1
  shift
  ask "$expected" /shorten -H 'Content-Type: application/json' -d '{"url":"https://fernhill.example/short"}' "$@"
}

# check_proxy CODE MOST_WRITES: what the proxy lets through and what not; leaves in $answered how many redirects it took.
check_proxy() {
  local code=$1 path write
  ask 302 "/$code"
  header 'x-request-id: .'
  no_header 'content-encoding'
  for path in /health /health/ /%68ealth /healt%68/; do
    ask 200 "$path"
    [[ $(<"$scratch/body") == '{"status":"ok"}' ]] || fail "$path tells details: $(<"$scratch/body")"
  done
  ask 200 '/users?per_page=50' --compressed
  header 'content-encoding: gzip'
  for path in /metrics /metrics/ /metrics/x /%6detrics /%2fmetrics /metrics%2f //metrics /./metrics /x/../metrics /%2e/metrics /metrics/. /health/ready /health/live/ /config /admin/cache/warm; do
    ask 404 "$path"
    ! grep -qE 'jvm_|database|uptime' "$scratch/body" || fail "$path: $(head -c 300 "$scratch/body")"
  done
  header 'content-type: application/problem+json'
  ask 404 /metrics -H 'X-Request-Id: of-the-caller'
  header 'x-request-id: of-the-caller'
  ask 302 "/$code" -H 'X-Request-Id: two words'
  no_header 'x-request-id: two'
  for ((write = 0; write < $2; write++)); do shorten 201; done
  shorten 429
  header 'retry-after: 10'
  ask 302 "/$code"
  answered=3
}

load=
# start_load PORT: of the codes in $scratch/codes.
start_load() {
  rm -f "$scratch/stop"
  "$JAVA" -Xmx64m -cp "$TOOLS" FollowLinks "$1" "$scratch/codes" 20 "$scratch/stop" >"$scratch/load" &
  load=$!
}

# end_load WHAT: no request may have failed; leaves how many were answered in $answered.
end_load() {
  local code=0 failed
  touch "$scratch/stop"
  wait "$load" || code=$?
  load=
  read -r answered failed <"$scratch/load"
  say "$1: $answered answered, $failed failed"
  ((code == 0)) || fail "$1: $failed requests failed"
}
