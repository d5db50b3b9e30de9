# Sourced after load.sh, not run: requests of the tests to a service behind HAProxy, and load for it.
#
# The script that sources this sets base, the URL of the service, and scratch, a folder, and has a function fail TEXT.
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

# problem SLUG: what was answered last is the contract's problem document of this kind.
problem() {
  header 'content-type: application/json'
  grep -q "^{\"type\":\"/problems/$1\",\"title\":\"[^\"]*\",\"status\":[0-9]*,\"detail\":\"[^\"]*\",\"error\":\"[^\"]*\"}\$" "$scratch/body" ||
    fail "not the problem $1: $(head -c 300 "$scratch/body")"
}

# send STATUS BYTES: as ask, byte for byte, in the way of printf %b; BYTES may end before the request does.
send() {
  local address=${base#http://} status='' line length=0
  exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
  printf '%b' "$2" >&3
  read -r -t 20 _ status _ <&3 || true
  : >"$scratch/headers"
  while read -r -t 5 line <&3; do
    line=${line%$'\r'}
    [[ -n $line ]] || break
    printf '%s\n' "$line" >>"$scratch/headers"
    [[ ! $line =~ ^[Cc]ontent-[Ll]ength:\ ([0-9]+) ]] || length=${BASH_REMATCH[1]}
  done
  head -c "$length" <&3 >"$scratch/body"
  exec 3>&-
  [[ $status == "$1" ]] || fail "'${2:0:80}' answered '$status', not $1: $(head -c 300 "$scratch/body")"
}

# shorten STATUS [CURL'S ARGUMENTS]
shorten() {
  local expected=$1
  shift
  ask "$expected" /shorten -H 'Content-Type: application/json' -d '{"url":"https://fernhill.example/short"}' "$@"
}

# check_requests CODE: what is no request of HTTP reaches no JVM, and the response has the form of the contract where HAProxy
# can; leaves in $answered how many redirects it took.
check_requests() {
  local code=$1 method version
  for method in M1 "$(printf 'M%.0s' {1..7900})" TRACE get; do
    send 405 "$method /$code HTTP/1.1\r\nHost: sho.rt\r\n\r\n"
    problem method-not-allowed
    header 'allow: GET, HEAD,'
  done
  send 405 'CONNECT sho.rt:80 HTTP/1.1\r\nHost: sho.rt:80\r\n\r\n'
  problem method-not-allowed
  send 400 "GET /$code HTTP/1.1\r\n\r\n"
  problem bad-request
  send 400 "GET /$code HTTP/1.1\r\nHost: sho.rt, other\r\n\r\n"
  problem bad-request
  for version in 1.2 2.0 3.0; do
    send 505 "GET /$code HTTP/$version\r\nHost: sho.rt\r\n\r\n"
    problem http-version-not-supported
  done
  # HTTP/2 is for TLS.
  send 400 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0'
  # These HAProxy answers before there is a request for its rules.
  send 400 "GET /$code HTTP/1.1\r\nHost: sho.rt\r\nHost: other\r\n\r\n"
  send 400 "GET /$code HTTP/1.1\r\n X-Folded: yes\r\nHost: sho.rt\r\n\r\n"
  send 400 "GET /$code HTTP/1.1\r\nHost: sho.rt\r\nTransfer-Encoding: other\r\n\r\n"
  send 422 "POST /shorten HTTP/1.1\r\nHost: sho.rt\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"
  # An older client has no Host, and a folded field arrives in one line.
  send 302 "GET /$code HTTP/1.0\r\n\r\n"
  send 302 "GET /$code HTTP/1.1\r\nHost: sho.rt\r\nX-Folded: a\r\n b\r\n\r\n"
  # Neither becomes another protocol.
  send 302 "GET /$code HTTP/1.1\r\nHost: sho.rt\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
  # As long as a JVM accepts it.
  ask 302 "/$code?$(printf 'q%.0s' {1..8100})" -H "X-Long: $(printf 'h%.0s' {1..7900})" -H "X-Longer: $(printf 'h%.0s' {1..7900})"
  answered=4
}

# check_long_location BYTES: a Location of so many, in letters of three bytes that are nine when they are sent.
check_long_location() {
  local url=https://fernhill.example/ letters
  letters=$((($1 - ${#url}) / 9))
  url+=$(printf '例%.0s' $(seq "$letters"))
  ask 201 /shorten -H 'Content-Type: application/json' -d "{\"url\":\"$url$(printf 'x%.0s' $(seq $(($1 - 25 - letters * 9))))\"}"
  ask 302 "/$(sed 's/.*"short_code":"\([^"]*\)".*/\1/' "$scratch/body")"
  [[ $(tr -d '\r' <"$scratch/headers" | sed -n 's/^location: //p' | tr -d '\n' | wc -c) == "$1" ]] || fail "the Location has not $1 bytes"
  answered=1
}

# check_proxy CODE MOST_WRITES: what the proxy lets through and what not; leaves in $answered how many redirects it took.
check_proxy() {
  local code=$1 path write
  ask 302 "/$code"
  header 'x-request-id: .'
  no_header 'content-encoding'
  for path in /health /health/ /%68ealth /healt%68/; do
    ask 200 "$path"
    [[ $(<"$scratch/body") == '{"status":"ok"}' ]] || fail "$path has details: $(<"$scratch/body")"
  done
  ask 200 '/users?per_page=50' --compressed
  header 'content-encoding: gzip'
  for path in /metrics /metrics/ /metrics/x /%6detrics /%2fmetrics /metrics%2f //metrics /./metrics /x/../metrics /%2e/metrics /metrics/. /health/ready /health/live/ /config /admin/cache/warm; do
    ask 404 "$path"
    ! grep -qE 'jvm_|database|uptime' "$scratch/body" || fail "$path: $(head -c 300 "$scratch/body")"
  done
  problem not-found
  header 'cache-control: no-store'
  header 'x-content-type-options: nosniff'
  ask 404 /metrics -H 'Accept: text/html, application/problem+json'
  header 'content-type: application/problem+json'
  no_header strict-transport-security
  ask 404 /metrics -H 'X-Request-Id: of-the-caller'
  header 'x-request-id: of-the-caller'
  ask 302 "/$code" -H 'X-Request-Id: two words'
  no_header 'x-request-id: two'
  for ((write = 0; write < $2; write++)); do
    shorten 201 -H 'X-Forwarded-Host: evil.example' -H 'Forwarded: host=evil.example;proto=https' -H 'X-Forwarded-Proto: https'
    ! grep -q 'evil\|"short_url":"https' "$scratch/body" || fail "a client's own word is believed: $(<"$scratch/body")"
  done
  shorten 429
  header 'retry-after: 10'
  problem too-many-requests
  ask 302 "/$code"
  answered=3
}

load=
# start_load PORT: of the codes in $scratch/codes.
start_load() {
  rm -f "$scratch/stop"
  exec_tool -Xmx64m tools.load.RedirectLoad "$1" "$scratch/codes" 20 "$scratch/stop" >"$scratch/load" &
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
