#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/bench-basics.sh [options]

Measures what a newcomer meets, on the embedded PostgreSQL and scripts/run.sh
as it is: how long a start takes, 10,000 links created over HTTP, 100,000 users
uploaded, and the memory of all that. Builds first if need be. Takes free ports
and a temporary folder for the data, and ends all it started. Needs a JDK, and
about five minutes.

Progress goes to standard error, the tables (Markdown) to standard output.

  --starts N        starts of each kind                 (7)
  --links N         links to create                     (10000)
  --connections N   connections that create them        (32)
  --rows N          users to upload                     (100000)
  --idle SECONDS    pause before idle memory is read    (60)
  --folder DIR      where the temporary folder goes     (TMPDIR, else /tmp);
                    writes are flushed, so its disk matters
  --output FILE     append the tables to FILE too
  --keep            leave the temporary folder
  --help            this text

JAVA_HOME, JAVA_OPTS and SHORTWAVE_HEAP count as they do for scripts/run.sh;
what else the environment says of Shortwave, databases and ports does not.

The figures are those of this machine at this hour: the load average stands
beside them, and a target missed is marked but is no failure.
Exit code: 1 if anything answered wrongly or is missing, or did not end in time.
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=scripts/lib/java.sh
. "$here/lib/java.sh"

starts=7
links=10000
connections=32
rows=100000
idle=60
folder=${TMPDIR:-/tmp}
output=
keep=

need_number() {
  { (($2 > 1)) && [[ $3 =~ ^[1-9][0-9]{0,6}$ ]]; } || die "$1 takes a number from 1 on, not '${3:-}'"
}

while (($#)); do
  case $1 in
    --starts | --links | --connections | --rows | --idle)
      need_number "$1" $# "${2:-}"
      printf -v "${1#--}" %s "$2"
      shift
      ;;
    --folder)
      { (($# > 1)) && [[ -d $2 && -w $2 ]]; } || die "--folder takes a folder that can be written to, not '${2:-}'"
      folder=$(cd -P "$2" && pwd)
      shift
      ;;
    --output)
      (($# > 1)) || die '--output needs a file'
      output=$(absolute "$2")
      shift
      ;;
    --keep) keep=yes ;;
    -h | --help) usage; exit 0 ;;
    *) die "unknown argument '$1' (try --help)" ;;
  esac
  shift
done

note() { printf 'bench: %s\n' "$*" >&2; }

# What is measured is the default.
for name in $(compgen -e); do
  case $name in
    SHORTWAVE_HEAP) ;;
    SHORTWAVE_* | DATABASE_* | REDIS_* | MANAGEMENT_* | LOG_FORMAT | LOG_LEVEL | PUBLIC_URL | BASE_URL | PORT) unset "$name" ;;
  esac
done

work=$(mktemp -d "$folder/shortwave bench.XXXXXX")
service= # scripts/run.sh in the background
task=    # whatever else runs

running() { [[ -n $1 ]] && kill -0 "$1" 2>/dev/null; }

# ended PID SECONDS
ended() {
  local tries
  for ((tries = 0; tries < $2 * 5; tries++)); do
    running "$1" || return 0
    sleep 0.2
  done
  ! running "$1"
}

# shellcheck disable=SC2317  # called by the trap
clean_up() {
  local code=$? file
  trap - EXIT INT TERM HUP
  if running "$task"; then
    kill -TERM "$task" 2>/dev/null || true
    ended "$task" 30 || kill -KILL "$task" 2>/dev/null || true
  fi
  if running "$service"; then
    kill -TERM "$service" 2>/dev/null || true
    # Three signals are run.sh's own way to end the service by force.
    ended "$service" 30 || for _ in 1 2 3; do
      kill -TERM "$service" 2>/dev/null || true
      sleep 0.5
    done
  fi
  # A database that outlived its service; its first line is its process id.
  while IFS= read -r file; do
    kill -INT "$(head -n 1 "$file")" 2>/dev/null || true
  done < <(find "$work" -name postmaster.pid 2>/dev/null)
  if [[ -n $keep ]]; then note "left $work"; else rm -rf "$work" || true; fi
  exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

fail() {
  printf 'bench: FAILED: %s\n' "$*" >&2
  if [[ -s $work/service.log ]]; then
    printf 'bench: the end of the service log:\n' >&2
    tail -n 30 "$work/service.log" >&2
  fi
  exit 1
}

# limited SECONDS COMMAND...: its output goes to $work/answer. In the background, so that a signal ends it.
limited() {
  local limit=$1 code=0
  shift
  "$@" >"$work/answer" &
  task=$!
  ended "$task" "$limit" || fail "not done within $limit s: $*"
  wait "$task" || code=$?
  task=
  return "$code"
}

free_port() {
  local port tries
  for ((tries = 0; tries < 50; tries++)); do
    port=$((20000 + RANDOM % 12000))
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  fail 'found no free port'
}

load_average() { uptime | sed 's/.*load averages*: *//; s/,//g'; }

# 10000: 10,000
thousands() {
  local rest=$1 text=
  while ((${#rest} > 3)); do
    text=,${rest: -3}$text
    rest=${rest%???}
  done
  printf '%s\n' "$rest$text"
}

# Of the numbers in column $1 of file $2, in units of $3, with $4 decimals.
median() {
  awk -v c="$1" '{ print $c }' "$2" | sort -n |
    awk -v unit="$3" -v d="$4" '{ v[NR] = $1 }
      END { m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2; printf "%.*f", d, m / unit }'
}
worst() { awk -v c="$1" -v unit="$3" -v d="$4" '$c > m { m = $c } END { printf "%.*f", d, m / unit }' "$2"; }
count() { wc -l <"$1" | tr -d ' '; }

# measure_start KIND DATA: one line more in $work/KIND.
measure_start() {
  export SHORTWAVE_EMBEDDED_DIRECTORY=$2 SHORTWAVE_CLICKS_DIRECTORY=$work/clicks
  limited 300 "$JAVA" "$here/bench/StartTimer.java" "$port" 120 "$work/service.log" \
    "$here/run.sh" --no-build --port "$port" --management-port "$management" || fail "the start ($1)"
  cat "$work/answer" >>"$work/$1"
  note "$1: ready after $(awk '{ print $1 }' "$work/answer") ms"
}

# The Java process below run.sh.
find_jvm() { ps -A -o pid= -o ppid= -o comm= | awk -v parent="$service" '$2 == parent && $3 ~ /java$/ { print $1; exit }'; }

# memory NAME: resident memory of the JVM and PSS of PostgreSQL, in MiB, into $work/memory-NAME; – where the system
# does not tell.
memory() {
  local rss server pid part pss=0
  rss=$(ps -o rss= -p "$jvm" | tr -d ' ')
  # PSS shares out the pages that processes have in common; their sum of RSS would count them again and again.
  server=$(head -n 1 "$data/postmaster.pid")
  for pid in "$server" $(ps -A -o pid= -o ppid= | awk -v parent="$server" '$2 == parent { print $1 }'); do
    part=$(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup" 2>/dev/null || true)
    pss=$((pss + ${part:-0}))
  done
  pss=$((pss / 1024))
  ((pss > 0)) || pss=–
  printf '%d %s\n' $((rss / 1024)) "$pss" >"$work/memory-$1"
  note "memory, $1: JVM $((rss / 1024)) MiB, PostgreSQL $pss MiB"
}

system() {
  local commit model memory filesystem collector
  commit=$(git -C "$ROOT" rev-parse --short=10 HEAD 2>/dev/null || echo unknown)
  [[ -z $(git -C "$ROOT" status --porcelain --untracked-files=no 2>/dev/null) ]] || commit+=' with changes'
  model=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1 || true)
  [[ -n $model ]] || model=$(sysctl -n machdep.cpu.brand_string 2>/dev/null || uname -m)
  memory=$(awk '/^MemTotal/ { printf "%.1f", $2 / 1048576 }' /proc/meminfo 2>/dev/null ||
    sysctl -n hw.memsize | awk '{ printf "%.1f", $1 / 1073741824 }')
  filesystem=$(df -T "$work" 2>/dev/null | awk 'END { print $2 }' || true)
  collector=$("$JAVA" "${JVM_FLAGS[@]}" -XX:+PrintFlagsFinal -version 2>/dev/null |
    awk '/ Use[A-Za-z0-9]*GC .*= true/ && $2 !~ /Adaptive|Maximum|Explicit/ { sub("^Use", "", $2); print $2; exit }')
  cat <<TEXT
| | |
|---|---|
| commit | \`$commit\` |
| machine | $model, $(getconf _NPROCESSORS_ONLN) cores, $memory GiB; $(uname -sr); data on ${filesystem:-an unknown file system} |
| Java | $(head -n 1 <<<"$JAVA_VERSION_TEXT" | tr -d '"'), \`-Xmx${SHORTWAVE_HEAP:-256m}\`, ${collector:-unknown collector}${JAVA_OPTS:+, \`$JAVA_OPTS\`} |
| load average | $load_before before, $(load_average) after (1, 5 and 15 minutes; the bench's own load counts) |
TEXT
}

# start_row WORDS FILE TARGET
start_row() {
  local target=– from_jvm=– processor=–
  if [[ -n $3 ]]; then
    target="< $3 s: $(awk -v m="$(median 1 "$2" 1000 3)" -v t="$3" 'BEGIN { print (m < t) ? "met" : "missed" }')"
  fi
  if ! grep -q -- ' - ' "$2"; then
    from_jvm=$(median 2 "$2" 1000 2)
    processor=$(median 3 "$2" 1000 2)
  fi
  printf '| %s | %d | %s s | %s s | %s s | %s s | %s |\n' "$1" "$(count "$2")" "$(median 1 "$2" 1000 2)" \
    "$(worst 1 "$2" 1000 2)" "$from_jvm" "$processor" "$target"
}

create_row() {
  local errors found seconds p50 p99 most verdict=missed
  read -r errors found seconds p50 p99 most <"$2"
  ((errors != 0 || found != links)) || verdict=met
  printf '| %s | %d | %d | %s /s | %s ms | %s ms | %s ms | no error: %s |\n' "$1" "$errors" "$found" \
    "$(awk -v n="$links" -v s="$seconds" 'BEGIN { printf "%.0f", n / s }')" "$p50" "$p99" "$most" "$verdict"
}

upload_row() {
  local uploaded seconds peak before samples users
  read -r uploaded seconds peak before samples users <"$2"
  printf '| %s | %d | %s s | %s | %s MiB | %s MiB (%d samples) | %d |\n' "$1" "$uploaded" "$seconds" \
    "$(awk -v n="$uploaded" -v s="$seconds" 'BEGIN { printf "%.0f", n / s }')" "$before" "$peak" "$samples" "$users"
}

memory_row() {
  local rss pss
  read -r rss pss <"$work/memory-$2"
  printf '| %s | %s MiB | %s MiB |\n' "$1" "$rss" "$pss"
}

report() {
  local gc_row
  cat <<TEXT

### $began_at

TEXT
  system
  cat <<'TEXT'

| start, from the command to the first 200 of `/health/ready` | n | median | worst | without `run.sh` itself | processor time | target |
|---|--:|--:|--:|--:|--:|---|
TEXT
  start_row 'data present' "$work/start" 3
  start_row 'data present, no class archive' "$work/start without archive" ''
  start_row 'the very first: unpack, initdb, schema, seeds; no class archive yet' "$work/first start" ''
  start_row 'data present, after the load below' "$work/start after the load" ''
  cat <<TEXT

| $(thousands "$links") × \`POST /urls\`, $connections connections | errors | links found | throughput | p50 | p99 | max | target |
|---|--:|--:|--:|--:|--:|--:|---|
TEXT
  create_row 'just started' "$work/create-1"
  create_row 'again' "$work/create-2"
  create_row 'and again' "$work/create-3"
  cat <<TEXT

| \`POST /users/bulk\`, $(thousands "$rows") rows | counted | time | rows/s | heap before | largest heap | users then |
|---|--:|--:|--:|--:|--:|--:|
TEXT
  upload_row 'into 400 users' "$work/upload-1"
  upload_row 'the same file again' "$work/upload-2"
  cat <<TEXT

| resident memory | JVM (RSS) | PostgreSQL (PSS) |
|---|--:|--:|
TEXT
  memory_row 'idle after the start' start
  memory_row 'right after the load' load
  memory_row "after $idle idle seconds" idle
  gc_row=$work/memory-collection
  [[ ! -f $gc_row ]] || memory_row 'after a full collection then' collection
}

find_java
build_if_needed >&2
jvm_flags
port=$(free_port)
management=$(free_port)
while [[ $management == "$port" ]]; do management=$(free_port); done
began_at=$(date -u '+%Y-%m-%d %H:%M UTC')
load_before=$(load_average)
note "load average $load_before; the more the machine has to do, the less the figures are worth"

# 1. Starts. The kinds take turns, so that a busy minute does not fall on one of them.
for ((round = 1; round <= (starts + 1) / 2; round++)); do
  SHORTWAVE_START_ARCHIVE=off measure_start 'first start' "$work/first $round/postgres"
  ((round == 1)) || rm -rf "$work/first $round"
done
data="$work/first 1/postgres"
note 'one start to have a class archive'
measure_start unmeasured "$data"
for ((round = 1; round <= starts; round++)); do
  measure_start start "$data"
  SHORTWAVE_START_ARCHIVE=off measure_start 'start without archive' "$data"
done

# 2. to 4. One service for the rest.
: >"$work/service.log"
SHORTWAVE_EMBEDDED_DIRECTORY=$data SHORTWAVE_CLICKS_DIRECTORY=$work/clicks "$here/run.sh" --no-build --port "$port" --management-port "$management" \
  >"$work/service.log" 2>&1 &
service=$!
for ((tries = 0; tries < 600; tries++)); do
  ! grep -q 'is ready' "$work/service.log" || break
  running "$service" || fail 'the service ended'
  sleep 0.1
done
jvm=$(find_jvm)
[[ -n $jvm ]] || fail 'the service did not become ready'
sleep 10
memory start

failed=
for round in 1 2 3; do
  limited 600 "$JAVA" -Xmx256m "$here/bench/CreateLinks.java" "$port" "$links" "$connections" || failed="creating links"
  cp "$work/answer" "$work/create-$round"
  [[ -s $work/answer ]] || fail "$failed"
  note "links created ($round of 3): errors, found, seconds, p50, p99, max: $(cat "$work/answer")"
done

"$JAVA" "$here/GenerateSeeds.java" --users "$rows" --urls 1 --events 1 "$work/users" >&2
for round in 1 2; do
  limited 600 "$JAVA" -Xmx256m "$here/bench/UploadUsers.java" "$port" "$management" "$work/users/users.csv" ||
    failed="uploading users"
  cp "$work/answer" "$work/upload-$round"
  [[ -s $work/answer ]] || fail "$failed"
  note "users uploaded ($round of 2): rows, seconds, heap at most, before, samples, users: $(cat "$work/answer")"
done
memory load

note "idle for $idle s"
sleep "$idle"
memory idle
if "${JAVA%java}jcmd" "$jvm" GC.run >/dev/null 2>&1; then
  sleep 5
  memory collection
fi

kill -TERM "$service"
ended "$service" 60 || fail 'still running 60 s after SIGTERM'
code=0
wait "$service" || code=$?
service=
((code == 0)) || fail "exit code $code after SIGTERM"

for ((round = 1; round <= (starts + 1) / 2; round++)); do
  measure_start 'start after the load' "$data"
done

report >"$work/report"
cat "$work/report"
[[ -z $output ]] || cat "$work/report" >>"$output"
[[ -z $failed ]] || fail "$failed, see above"
