# Sourced after fleet.sh, stack.sh, load.sh, faults.sh and settings.sh, not run: the parts of a run of a tier. They read and
# set the variables of run-tier.sh: its options, results, url, seeds and the processes that it starts.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # those variables

readonly REMEDY_K6='1.0 or newer: brew install k6, winget install k6, go install go.k6.io/k6@v1.8.1, or a package from https://grafana.com/docs/k6/latest/set-up/install-k6/'

# Processes of the run; empty when they have ended.
k6_process=
sampler_process=
faults_process=
idle_process=
booking_process=

# tier_tools: leaves k6 and what else the mode needs, or fails.
tier_tools() {
  find_tool curl "$REMEDY_CURL" >/dev/null
  ((!idle)) || enough_files
  [[ $mode == compose ]] || k6=$(find_tool k6 "$REMEDY_K6")
  case $mode in
    local) fleet_tools "$instances" ;;
    compose) require_docker ;;
  esac
}

# enough_files: an idle client is a file here and one in HAProxy, which counts on two for each of its clients; but an idle one
# needs no connection to a JVM.
enough_files() {
  local files need=$((idle + 4000))
  files=$(ulimit -Hn)
  [[ $files == unlimited ]] || ((files >= need)) ||
    die "--idle $idle needs $need open files, the system allows $files: ulimit -n $need, as root or after a change of /etc/security/limits.conf"
  [[ $mode != local ]] || export PROXY_MAXCONN=${PROXY_MAXCONN:-$((idle + 2000))}
}

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

# record NAME VALUE: for the report.
record() { printf '%s\t%s\n' "$1" "$2" >>"$results/run.tsv"; }

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

# describe_run: what the report says of the run besides its results.
describe_run() {
  local commit
  commit=$(git -C "$ROOT" rev-parse --short HEAD 2>/dev/null || echo unknown)
  [[ -z $(git -C "$ROOT" status --porcelain 2>/dev/null) ]] || commit+=' with changes'
  cores=$(getconf _NPROCESSORS_ONLN)
  record tier "$tier"
  record mode "$mode"
  record quick "$quick"
  [[ $mode == url ]] || record instances "$instances"
  record 'idle clients' "$idle"
  record duration "${duration:-of the tier}"
  record began "$(date -u '+%Y-%m-%d %H:%M UTC')"
  record "commit$([[ $mode != url ]] || echo ' of the scripts')" "$commit"
  record cores "$cores"
  record machine "$(describe_machine)"
  record settings "$(describe_settings)"
}

start_local() {
  record setup "$instances JVM(s) behind HAProxy, PostgreSQL$( ((instances < 2)) || echo ', Redis') and k6 on one machine"
  record java "$(head -n 1 <<<"$JAVA_VERSION_TEXT")"
  record k6 "$("$k6" version)"
  record haproxy "$("$HAPROXY" -v | head -n 1)"
  [[ -z $REDIS ]] || record redis "$("$REDIS" --version)"
  fleet_start "$instances" 0 "$seeds"
  url=$(fleet_url)
}

# start_compose: with the settings of this environment for every JVM.
start_compose() {
  stack_beside "$tier"
  export APP_SETTINGS=$FLEET/app.env PROXY_WRITES=${PROXY_WRITES:-1000000} PROXY_CLIENT_REQUESTS=${PROXY_CLIENT_REQUESTS:-1000000} \
    PROXY_CLIENT_MAXCONN=${PROXY_CLIENT_MAXCONN:-1000000} PROXY_LOG_PERCENT=${PROXY_LOG_PERCENT:-1}
  (umask 077 && mkdir -p "$FLEET")
  # Without those that are of scripts/run.sh and of the tests alone.
  (umask 077 && env | grep '^SHORTWAVE_' | without_service_links | grep -vE '^SHORTWAVE_(HEAP|START_ARCHIVE|TEST_.*)=' >"$APP_SETTINGS") || true
  stack_up "$instances" "$seeds"
  stack_watched "$FLEET"
  record setup "$instances JVM(s) behind HAProxy, PostgreSQL, Redis and k6 in containers on one machine"
  record java "$(stack exec -T app java -version 2>&1 | head -n 1)"
  record k6 "$(stack run --rm --no-deps -T k6 version 2>/dev/null)"
  record haproxy "$(stack exec -T haproxy haproxy -v | head -n 1)"
  record redis "$(stack exec -T redis redis-server --version)"
  url=http://$HTTP_BIND
}

start_url() {
  record setup "$url"
  record k6 "$("$k6" version)"
}

# idle_begin: returns when all are connected.
idle_begin() {
  local began=$SECONDS
  say "connecting $idle idle clients"
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
  record 'idle clients at the end' "$(tail -n 1 "$results/idle")"
  rm "$results/idle.stop"
}

# k6_processors: in a container k6 gets half of the processors. Go looks for work on each one that it may use before it lets
# go of it, and an engine makes each such change dear: with two of them k6 takes a fourth more time for the same load, from the
# service. Without containers users would wait longer for the one than the service gains.
k6_processors() {
  [[ $mode != compose ]] || export GOMAXPROCS=${GOMAXPROCS:-$(((cores + 1) / 2))}
}

# k6_memory: with Go's own settings k6 collects its garbage every two or three seconds, which takes a third of a second of all
# processors, and every user's clock runs on during it. Without any collection all that it takes is memory it never had, and on
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

# In compose mode k6 writes as the user of this script, and into the same folder.
load_in_stack() {
  load stack run --rm --no-deps -T --name "$STACK-k6" --user "$(id -u):$(id -g)" --volume "$results:/results" \
    -e CODES=/results/codes -e RESULTS=/results -e "QUICK=$quick" -e "DURATION=$duration" \
    -e K6_WEB_DASHBOARD_EXPORT=/results/k6.html -e K6_WEB_DASHBOARD_RECORD=/results/timeline.ndjson \
    -e GOGC -e GOMEMLIMIT -e GOMAXPROCS -e K6_WEB_DASHBOARD -e K6_WEB_DASHBOARD_PORT -e K6_WEB_DASHBOARD_PERIOD \
    -e WARM_UP_SECONDS -e P99_MILLISECONDS -e FIRST_RATE -e GROWTH -e STEPS -e STEP_SECONDS -e FLOOD_RATE \
    k6 run --no-usage-report "/k6/$tier.js"
}

# start_k6: leaves $k6_process.
start_k6() {
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
}

# start_sampler: of the fleet and k6.
start_sampler() {
  local process=$k6_process
  [[ $mode != compose ]] || process=$(stack_process_of "$STACK-k6" "$k6_process")
  # The compiler that makes the fastest code would take more time than it saves here, from the load and the service.
  exec_tool -Xmx64m -XX:TieredStopAtLevel=1 tools.tier.ResourceSampler "$FLEET" "$process" \
    "$([[ $quick == yes ]] && echo 1 || echo 15)" >"$results/samples.tsv" 2>"$FLEET/sampler.log" &
  sampler_process=$!
}

# faults_join: until the last fault is over.
faults_join() {
  wait "$faults_process" || die "a fault could not be caused or ended, see $FLEET"
  faults_process=
  record faults "$(paste -sd ';' "$results/faults.tsv" | sed 's/;/; /g')"
}

# await_booked: until the clicks are in the database that k6 counts; then the sampler has seen all of the run.
await_booked() {
  local served booked
  served=$(awk -F '\t' '$1 == "found" && $2 == "count" { print $3 }' "$results/summary.tsv")
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
  record booked "${booked% *}"
  record counters "${booked#* }"
  kill -TERM "$sampler_process" 2>/dev/null || true
  sampler_process=
}
