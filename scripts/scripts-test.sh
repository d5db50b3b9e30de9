#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/scripts-test.sh [--keep]

Unit tests of the other scripts, in seconds and without a service: finding tools,
run.sh with a port in use, and reading settings.

  --keep    leave the folder
  --help    this text

Needs a Java and a HAProxy.
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=scripts/lib/java.sh
. "$here/lib/java.sh"
# shellcheck source=scripts/lib/workdir.sh
. "$here/lib/workdir.sh"
# shellcheck source=scripts/lib/settings.sh
. "$here/lib/settings.sh"

while (($#)); do
  keep_or_help "$1"
  shift
done

find_java
scratch_folder "${TMPDIR:-/tmp}"

# expect WHAT FOUND WANTED
expect() { [[ $2 == "$3" ]] || fail "$1: '$2', not '$3'"; }

note 'tools that are not on the PATH'
haproxy=$(find_tool haproxy 'for this test')
if [[ $haproxy == */sbin/* ]]; then
  expect 'HAProxy without sbin on the PATH' "$(PATH=/usr/bin:/bin find_tool haproxy 'not found')" "$haproxy"
fi
! (find_tool no-such-tool 'from nowhere') 2>"$work/said" || fail 'a tool was found that there is not'
grep -q 'needs no-such-tool, from nowhere' "$work/said" || fail "of a missing tool: $(<"$work/said")"

note 'ports in use'
free_port
printf 'defaults\n    mode http\n    timeout client 5s\nfrontend test\n    bind 127.0.0.1:%d\n' "$port" >"$work/listen.cfg"
"$haproxy" -db -f "$work/listen.cfg" >"$work/listening" 2>&1 &
listener=$!
children+=("$listener")
for ((tries = 0; tries < 150; tries++)); do
  running "$listener" || fail "no listener: $(<"$work/listening")"
  ! listens "$port" || break
  sleep 0.2
done
taken=$port
# run_says PATTERN [ARGUMENTS]: what run.sh says before it builds or starts anything.
run_says() {
  local pattern=$1
  shift
  ! timeout 60 "$here/run.sh" --no-build "$@" >"$work/said" 2>&1 || fail "run.sh $* started"
  grep -q "$pattern" "$work/said" || fail "run.sh $*: $(<"$work/said")"
  expect 'lines' "$(wc -l <"$work/said" | tr -d ' ')" 1
}
who=
[[ ! -r /proc/net/tcp ]] || who=" by haproxy, process $listener"
free_port
run_says "port $taken (http.port) is in use$who: .*--port N" --port "$taken"
PORT=$taken run_says "port $taken (http.port) is in use"
JAVA_OPTS=-Dshortwave.http.port=$taken run_says "port $taken (http.port) is in use"
run_says "port $taken (management.port) is in use$who: .*--management-port N" --port "$port" --management-port "$taken"
SHORTWAVE_EMBEDDED_DIRECTORY=$work/none SHORTWAVE_EMBEDDED_PORT=$taken run_says "port $taken (embedded.port) is in use$who: .*SHORTWAVE_EMBEDDED_PORT=N" \
  --port "$port" --management-port 0
kill "$listener"
wait "$listener" 2>/dev/null || true
forget "$listener"

note 'settings'
cat >"$work/settings.yaml" <<'YAML'
# http: 1
http:
  host: 127.0.0.1
  # port: 2
  port: 8090 # of this machine
  public-url: "https://sho.rt"
management:
  port: 8091
YAML
expect 'the file' "$(setting http.port 1 "$work/settings.yaml" PORT)" 8090
expect 'another section' "$(setting management.port 1 "$work/settings.yaml")" 8091
expect 'a text' "$(setting http.public-url '' "$work/settings.yaml")" https://sho.rt
expect 'what the file lacks' "$(setting embedded.port 7 "$work/settings.yaml")" 7
expect 'an alias' "$(PORT=8092 setting http.port 1 "$work/settings.yaml" PORT)" 8092
expect 'the own name' "$(PORT=8092 SHORTWAVE_HTTP_PORT=8093 setting http.port 1 "$work/settings.yaml" PORT)" 8093
expect 'a property' "$(SHORTWAVE_HTTP_PORT=8093 JAVA_OPTS='-Xmx1g -Dshortwave.http.port=8094' setting http.port 1 "$work/settings.yaml")" 8094
expect 'an empty variable' "$(PORT='' SHORTWAVE_HTTP_PORT='' setting http.port 1 "$work/settings.yaml" PORT)" 8090
expect 'a service of Kubernetes' "$(PORT=tcp://10.0.0.1:80 SHORTWAVE_HTTP_PORT=tcp://10.0.0.2:80 setting http.port 1 "$work/settings.yaml" PORT)" 8090
expect 'what Kubernetes sets for a service "shortwave"' "$(without_service_links <<'TEXT'
SHORTWAVE_PORT=tcp://10.0.0.1:80
SHORTWAVE_SERVICE_HOST=10.0.0.1
SHORTWAVE_SERVICE_PORT=80
SHORTWAVE_SERVICE_PORT_HTTP=80
SHORTWAVE_PORT_80_TCP=tcp://10.0.0.1:80
SHORTWAVE_PORT_80_TCP_PROTO=tcp
SHORTWAVE_HTTP_PORT=8080
TEXT
)" SHORTWAVE_HTTP_PORT=8080

note 'names of files in the locale C'
if [[ $(LC_ALL=C locale charmap 2>/dev/null) == ANSI_X3.4-1968 ]] && locale -a 2>/dev/null | grep -qiE '^C\.utf-?8$'; then
  expect 'the encoding of names' "$(LC_ALL=C; export LC_ALL; utf8_names; "$JAVA" -XshowSettings:properties -version 2>&1 | sed -n 's/.*sun.jnu.encoding = //p')" UTF-8
fi

note 'all well'
