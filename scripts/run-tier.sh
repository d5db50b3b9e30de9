#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/run-tier.sh TIER [options]

Puts a load on Shortwave with k6, judges it, and leaves results/TIME-TIER/ with
report.md, charts, k6's own report and all figures.

  bronze    50 users of a few hot codes                        1 JVM
  silver    up to 200 of them                                  2 JVMs
  gold      up to 500 users, 95 % redirects and 5 % creates    4 JVMs
  platinum  redirects at a growing rate until p99 breaks       2 JVMs
  chaos     gold, while JVMs are killed and restarted, Redis
            is restarted and PostgreSQL stands still           4 JVMs
  soak      200 users for half an hour: memory, lag            2 JVMs
  cold      nothing cached, 100,000 links, each as likely      2 JVMs
  flood     a scanner of unknown codes beside 50 users         2 JVMs

  --mode local|compose|url
                    local: starts PostgreSQL, Redis, the JVMs and HAProxy on
                    free ports of this machine, counts what was booked, and
                    stops all of it, also on Ctrl-C. compose: the same with
                    docker/compose.yaml, with k6 in a container too. url: only
                    loads what --url names, which must be yours         (local)
  --instances N     JVMs of local and compose mode
  --url URL         the service's address; implies --mode url
  --duration TIME   of the load at its height, such as 90s or 2h
  --idle N          N more clients, which keep their connections and hardly ask
                    for anything; none of them may lose its own          (0)
  --quick           a short run that shows that all works: objectives on
                    latency are not judged
  --keep            leave everything running that was started, with its data
  --help            this text

Needs a JDK and curl. Local mode needs k6, haproxy and, from two JVMs on,
redis-server too; url mode k6; compose mode docker with Compose 2.24 or newer.

SHORTWAVE_… variables count for every JVM, so that settings can be compared.
For gold: WARM_UP_SECONDS before what is judged (90). For platinum:
P99_MILLISECONDS (50), FIRST_RATE (500), GROWTH (1.25), STEPS (20),
STEP_SECONDS (10); for flood: FLOOD_RATE (1000).

Exit code: 0 if the objective was met, 1 if not or if something failed, 3 if
other programs took so much of the processors that the run is not comparable;
verdict.tsv says the same. A short run is never judged by its speed.
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/fleet.sh
. "$here/lib/fleet.sh"
# shellcheck source=scripts/lib/stack.sh
. "$here/lib/stack.sh"
# shellcheck source=scripts/lib/load.sh
. "$here/lib/load.sh"
# shellcheck source=scripts/lib/faults.sh
. "$here/lib/faults.sh"
# shellcheck source=scripts/lib/settings.sh
. "$here/lib/settings.sh"

readonly REMEDY_K6='1.0 or newer: brew install k6, winget install k6, go install go.k6.io/k6@v1.8.1, or a package from https://grafana.com/docs/k6/latest/set-up/install-k6/'

tier=
mode=local
instances=
url=
duration=
idle=0
quick=no
keep=
while (($#)); do
  case $1 in
    --mode | --instances | --url | --duration | --idle) (($# > 1)) || die "$1 needs a value (try --help)" ;;
  esac
  case $1 in
    --mode)
      [[ $2 == local || $2 == compose || $2 == url ]] || die "--mode is local, compose or url, not '$2'"
      mode=$2
      shift
      ;;
    --instances)
      { [[ $2 =~ ^[1-9][0-9]?$ ]] && ((10#$2 <= 16)); } || die "--instances takes a number from 1 to 16, not '$2'"
      instances=$2
      shift
      ;;
    --url)
      [[ $2 =~ ^https?://[^/]+/?$ ]] || die "--url takes an address such as http://127.0.0.1:8080, not '$2'"
      url=${2%/} mode=url
      shift
      ;;
    --duration)
      [[ $2 =~ ^[1-9][0-9]*(s|m|h)$ ]] || die "--duration takes a time such as 90s, 5m or 2h, not '$2'"
      duration=$2
      shift
      ;;
    --idle)
      { [[ $2 =~ ^[0-9]{1,5}$ ]] && ((10#$2 <= 20000)); } || die "--idle takes a number up to 20000, not '$2'"
      idle=$((10#$2)) # 010000 is ten thousand
      shift
      ;;
    --quick) quick=yes ;;
    --keep) keep=yes ;;
    -h | --help) usage; exit 0 ;;
    bronze | silver | gold | platinum | chaos | soak | cold | flood)
      [[ -z $tier ]] || die "one tier at a time: $tier or $1"
      tier=$1
      ;;
    *) die "unknown argument '$1' (try --help)" ;;
  esac
  shift
done
[[ -n $tier ]] || { usage >&2; exit 1; }
[[ $mode != url || -n $url ]] || die '--mode url needs --url'
[[ $mode == local || $tier != chaos ]] || die 'chaos needs --mode local: it kills what it started'
if [[ -z $instances ]]; then
  case $tier in
    bronze) instances=1 ;;
    gold | chaos) instances=4 ;;
    *) instances=2 ;;
  esac
fi
[[ $tier != chaos ]] || ((instances > 1)) || die 'chaos needs two JVMs or more: with one, a restart is an outage'

# enough_files: an idle client is a file here and one in HAProxy, which counts on two for each of its clients; but an idle one
# needs no connection to a JVM.
enough_files() {
  local files need=$((idle + 4000))
  files=$(ulimit -Hn)
  [[ $files == unlimited ]] || ((files >= need)) ||
    die "--idle $idle needs $need open files, the system allows $files: ulimit -n $need, as root or after a change of /etc/security/limits.conf"
  [[ $mode != local ]] || export PROXY_MAXCONN=${PROXY_MAXCONN:-$((idle + 2000))}
}

find_java
require_compiler
find_tool curl "$REMEDY_CURL" >/dev/null
((!idle)) || enough_files
case $mode in
  local)
    k6=$(find_tool k6 "$REMEDY_K6")
    fleet_tools "$instances"
    ;;
  compose) require_docker ;;
  url) k6=$(find_tool k6 "$REMEDY_K6") ;;
esac

build_tools_if_needed

results=$ROOT/results/$(date +%Y%m%d-%H%M%S)-$tier
mkdir -p "$results" || die "$ROOT/results can't be written"
FLEET=$results/fleet
k6_process=
sampler_process=
faults_process=
idle_process=
booking_process=

# shellcheck disable=SC2317  # called by the trap
clean_up() {
  local code=$? pid
  trap - EXIT
  trap '' INT TERM HUP
  for pid in $k6_process $faults_process $sampler_process $idle_process $booking_process; do
    ! running "$pid" || kill -TERM "$pid" 2>/dev/null || true
  done
  if [[ $mode == local ]]; then
    faults_end
    if [[ -n $keep ]] && running "$(fleet_pid haproxy)"; then
      say "left running: $(fleet_url), stop it with scripts/fleet.sh --stop --folder '$FLEET'"
    else
      say 'stopping all'
      fleet_stop
      rm -rf "$FLEET/postgres" "$FLEET/postgres-binaries" "$FLEET/clicks" "$FLEET/database-url"
    fi
  elif [[ $mode == compose ]]; then
    if [[ -n $keep ]]; then
      say "left running: http://$HTTP_BIND, stop it with docker compose -p $STACK -f docker/compose.yaml --profile '*' down -v"
    else
      say 'taking all down'
      stack_down
      rm -f "${APP_SETTINGS:-}"
    fi
  elif [[ ! -s $results/summary.tsv ]]; then
    rm -rf "$results"
  fi
  exit "$code"
}
clean_up_at_end

# told NAME VALUE: for the report.
told() { printf '%s\t%s\n' "$1" "$2" >>"$results/run.tsv"; }

# same_kind FOLDER: whether it was a run to compare with: other settings are what is often compared, and another commit.
same_kind() {
  [[ -s $1/figures.tsv ]] && ! grep -qs '^comparable	no$' "$1/verdict.tsv" && [[ $(kind "$1") == "$(kind "$results")" ]]
}

kind() { grep -E '^(mode|quick|instances|idle clients|duration|setup|machine)	' "$1/run.tsv"; }

previous_run() {
  local folder last=
  for folder in "$ROOT"/results/*-"$tier"; do
    [[ $folder == "$results" ]] || ! same_kind "$folder" || last=$folder
  done
  echo "$last"
}

describe_machine() {
  local model memory
  model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1) || true
  memory=$(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo 2>/dev/null) || true
  echo "$(uname -sm), $cores cores${model:+ ($model)}${memory:+, $memory}"
}

# describe_settings: a report is shown to others, so without secrets.
describe_settings() {
  env | grep -E '^(SHORTWAVE_|JAVA_OPTS=|PROXY_|WARM_UP_SECONDS=|P99_MILLISECONDS=|FIRST_RATE=|GROWTH=|STEP|FLOOD_RATE=)' | without_service_links |
    sed -E 's/^([A-Z0-9_]*(PASSWORD|TOKEN|SECRET)[A-Z0-9_]*)=.*/\1=(hidden)/; s#://[^@]*@#://(hidden)@#g' | sort | paste -sd ' ' - || true
}

# seeds_of_tier: prints the folder to load.
seeds_of_tier() {
  local links
  [[ $tier == cold ]] || { echo "$ROOT/seeds"; return; }
  links=$([[ $quick == yes ]] && echo 10000 || echo 100000)
  say "making $links links" >&2
  run_tool tools.seeds.GenerateSeeds --urls "$links" --events "$links" "$FLEET/seeds" >/dev/null
  echo "$FLEET/seeds"
}

# start_stack: with the settings of this environment for every JVM.
start_stack() {
  stack_beside "$tier"
  export APP_SETTINGS=$FLEET/app.env PROXY_WRITES=${PROXY_WRITES:-1000000} PROXY_CLIENT_REQUESTS=${PROXY_CLIENT_REQUESTS:-1000000} \
    PROXY_CLIENT_MAXCONN=${PROXY_CLIENT_MAXCONN:-1000000} PROXY_LOG_PERCENT=${PROXY_LOG_PERCENT:-1}
  (umask 077 && mkdir -p "$FLEET")
  # Without those that are of scripts/run.sh and of the tests alone.
  (umask 077 && env | grep '^SHORTWAVE_' | without_service_links | grep -vE '^SHORTWAVE_(HEAP|START_ARCHIVE|TEST_.*)=' >"$APP_SETTINGS") || true
  stack_up "$instances" "$seeds"
  stack_watched "$FLEET"
}

# idle_begin: returns when all are connected.
idle_begin() {
  local began=$SECONDS
  exec_tool tools.load.IdleClients "$url" "$idle" "$results/idle.stop" >"$results/idle" 2>"$results/idle.log" &
  idle_process=$!
  # For the sampler, which counts what it takes as the run's.
  [[ $mode == url ]] || echo "$idle_process" >"$FLEET/idle.pid"
  until grep -q open "$results/idle"; do
    running "$idle_process" || die "the idle clients ended: $(tail -n 3 "$results/idle.log")"
    ((SECONDS - began < idle / 100 + 60)) || die "not all of $idle idle clients are connected after $((SECONDS - began)) s: $(tail -n 3 "$results/idle.log")"
    sleep 0.2
  done
}

# idle_end: lets them go, and takes what became of them into the report.
idle_end() {
  touch "$results/idle.stop"
  wait "$idle_process" || cat "$results/idle.log"
  idle_process=
  told 'idle clients at the end' "$(tail -n 1 "$results/idle")"
  rm "$results/idle.stop"
}

# k6_processors: in a container k6 gets half of the processors. Go looks for work on each one that it may use before it lets
# go of it, and an engine makes each such change dear: with two of them k6 takes a fourth more time for the same load, from the
# service. Without containers users would wait longer for the one than the service gains.
k6_processors() {
  [[ $mode != compose ]] || export GOMAXPROCS=${GOMAXPROCS:-$(((cores + 1) / 2))}
}

# k6_memory: with Go's own settings k6 collects its garbage every two or three seconds, which takes a third of a second of all
# processors, and every user's clock runs on meanwhile. Without any collection all that it takes is memory it never had, and on
# a virtual machine a third of its time goes by while it gets that from the system. So it collects seldom, and may fill a
# quarter of the memory.
k6_memory() {
  local mebibytes
  mebibytes=$(awk '/^MemAvailable/ { printf "%d", $2 / 4096 }' /proc/meminfo 2>/dev/null || sysctl -n hw.memsize | awk '{ printf "%d", $1 / 4194304 }')
  ((mebibytes < 4096)) || mebibytes=4096
  export GOGC=${GOGC:-800} GOMEMLIMIT=${GOMEMLIMIT:-${mebibytes}MiB}
}

# load COMMAND...: the command that runs k6, in the background, so that a signal ends this script at once; its progress
# goes to the terminal all the same.
load() {
  "$@" &
  k6_process=$!
}

# In compose mode k6 writes as whoever runs this, and into the same folder.
load_in_stack() {
  load stack run --rm --no-deps -T --name "$STACK-k6" --user "$(id -u):$(id -g)" --volume "$results:/results" \
    -e CODES=/results/codes -e RESULTS=/results -e "QUICK=$quick" -e "DURATION=$duration" \
    -e K6_WEB_DASHBOARD_EXPORT=/results/k6.html -e K6_WEB_DASHBOARD_RECORD=/results/timeline.ndjson \
    -e GOGC -e GOMEMLIMIT -e GOMAXPROCS -e K6_WEB_DASHBOARD -e K6_WEB_DASHBOARD_PORT -e K6_WEB_DASHBOARD_PERIOD \
    -e WARM_UP_SECONDS -e P99_MILLISECONDS -e FIRST_RATE -e GROWTH -e STEPS -e STEP_SECONDS -e FLOOD_RATE \
    k6 run --no-usage-report "/k6/$tier.js"
}

commit=$(git -C "$ROOT" rev-parse --short HEAD 2>/dev/null || echo unknown)
[[ -z $(git -C "$ROOT" status --porcelain 2>/dev/null) ]] || commit+=' with changes'
cores=$(getconf _NPROCESSORS_ONLN)
told tier "$tier"
told mode "$mode"
told quick "$quick"
[[ $mode == url ]] || told instances "$instances"
told 'idle clients' "$idle"
told duration "${duration:-of the tier}"
told began "$(date -u '+%Y-%m-%d %H:%M UTC')"
told "commit$([[ $mode != url ]] || echo ' of the scripts')" "$commit"
told cores "$cores"
told machine "$(describe_machine)"
told settings "$(describe_settings)"
load_before=$(load_average)

[[ $tier != cold ]] || export SHORTWAVE_CACHE_WARM_AT_START=false
[[ $mode == url ]] || seeds=$(seeds_of_tier)
case $mode in
  local)
    told setup "$instances JVM(s) behind HAProxy, PostgreSQL$( ((instances < 2)) || echo ', Redis') and k6 on one machine"
    told java "$(head -n 1 <<<"$JAVA_VERSION_TEXT")"
    told k6 "$("$k6" version)"
    told haproxy "$("$HAPROXY" -v | head -n 1)"
    [[ -z $REDIS ]] || told redis "$("$REDIS" --version)"
    fleet_start "$instances" 0 "$seeds"
    url=$(fleet_url)
    ;;
  compose)
    start_stack
    told setup "$instances JVM(s) behind HAProxy, PostgreSQL, Redis and k6 in containers on one machine"
    told java "$(stack exec -T app java -version 2>&1 | head -n 1)"
    told k6 "$(stack run --rm --no-deps -T k6 version 2>/dev/null)"
    told haproxy "$(stack exec -T haproxy haproxy -v | head -n 1)"
    told redis "$(stack exec -T redis redis-server --version)"
    url=http://$HTTP_BIND
    ;;
  url)
    told setup "$url"
    told k6 "$("$k6" version)"
    ;;
esac
fetch_codes "$url" >"$results/codes"
[[ -s $results/codes ]] || die "$url has no active links to load"
say "$(wc -l <"$results/codes" | tr -d ' ') codes; loading $url"

if ((idle)); then
  say "connecting $idle idle clients"
  idle_begin
fi
k6_memory
k6_processors
# At the end of each period k6 sorts all that it has measured so far, and takes the time for it from its users.
K6_WEB_DASHBOARD_PERIOD=$([[ $quick == yes ]] && echo 1s || echo 20s)
export K6_WEB_DASHBOARD=true K6_WEB_DASHBOARD_PORT=-1 K6_WEB_DASHBOARD_PERIOD
if [[ $mode == compose ]]; then
  load_in_stack
else
  load env "BASE_URL=$url" "CODES=$results/codes" "QUICK=$quick" "DURATION=$duration" "RESULTS=$results" \
    "K6_WEB_DASHBOARD_EXPORT=$results/k6.html" "K6_WEB_DASHBOARD_RECORD=$results/timeline.ndjson" \
    "$k6" run --no-usage-report "$ROOT/k6/$tier.js"
fi
if [[ $mode != url ]]; then
  watched_k6=$k6_process
  [[ $mode != compose ]] || watched_k6=$(stack_process_of "$STACK-k6" "$k6_process")
  # The compiler that makes the fastest code would take more time than it saves here, from those who are watched.
  exec_tool -Xmx64m -XX:TieredStopAtLevel=1 tools.tier.ResourceSampler "$FLEET" "$watched_k6" "$([[ $quick == yes ]] && echo 1 || echo 15)" \
    >"$results/samples.tsv" 2>"$FLEET/sampler.log" &
  sampler_process=$!
fi
if [[ $tier == chaos ]]; then
  faults "$results/faults.tsv" "$quick" &
  faults_process=$!
fi
code=0
wait "$k6_process" || code=$?
k6_process=
told 'k6 exit code' "$code"
((!idle)) || idle_end
told 'load average' "$load_before before, $(load_average) after"
if [[ -n $faults_process ]]; then
  wait "$faults_process" || die "a fault could not be brought about or mended, see $FLEET"
  faults_process=
  told faults "$(paste -sd ';' "$results/faults.tsv" | sed 's/;/; /g')"
fi
[[ -s $results/summary.tsv ]] || die "k6 ended with exit code $code and left no summary"
served=$(awk -F '\t' '$1 == "found" && $2 == "count" { print $3 }' "$results/summary.tsv")
if [[ $mode != url ]]; then
  say "waiting until $served clicks are booked"
  # In the background, so that a signal ends this script at once.
  case $mode in
    local) booked_clicks "$(fleet_value database-url)" "${served:-0}" 60 ;;
    compose) stack_booked_clicks "${served:-0}" 60 ;;
  esac >"$results/booked" &
  booking_process=$!
  wait "$booking_process"
  booking_process=
  booked=$(<"$results/booked")
  rm "$results/booked"
  told booked "${booked% *}"
  told counters "${booked#* }"
  kill -TERM "$sampler_process" 2>/dev/null || true
  sampler_process=
fi

previous=$(previous_run)
code=0
run_tool tools.tier.TierReport "$results" ${previous:+"$previous"} || code=$?
say "report: $results/report.md"
exit "$code"
