#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/bench-basics.sh [options]

Measures scripts/run.sh with its defaults on the embedded PostgreSQL: the duration
of a start, 10,000 links created over HTTP, an upload of 100,000 users, and the
memory. Builds first if necessary. Uses free ports and a temporary folder for
data, and stops all its processes. Needs a JDK, and about five minutes.

Progress goes to standard error, the tables (Markdown) to standard output.

  --starts N        starts of each kind                 (7)
  --links N         links to create                     (10000)
  --connections N   connections that create them        (32)
  --rows N          users to upload                     (100000)
  --idle SECONDS    pause before idle memory is read    (60)
  --folder DIR      parent of the temporary folder      (TMPDIR, else /tmp);
                    writes are synced, so its disk matters
  --output FILE     append the tables to FILE too
  --keep            leave the temporary folder
  --help            this text

Uses JAVA_HOME, JAVA_OPTS and SHORTWAVE_HEAP as scripts/run.sh does, and ignores
other variables of Shortwave, databases and ports.

Figures depend on the machine and its load, so the report has the load average.
A missed target is marked and is no failure.
Exit code: 1 after a wrong response, missing data or a time-out.
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/report.sh
. "$here/lib/report.sh"

starts=7
links=10000
connections=32
rows=100000
idle=60

while (($#)); do
  case $1 in
    --starts | --links | --connections | --rows | --idle)
      number_option "$@"
      shift
      ;;
    --folder | --output) path_option "$@"; shift ;;
    *) keep_or_help "$1" ;;
  esac
  shift
done

measure_the_default
scratch_folder "$folder"
log=$work/service.log

# measure_start KIND DATA: appends a line to $work/KIND.
measure_start() {
  export SHORTWAVE_EMBEDDED_DIRECTORY=$2 SHORTWAVE_CLICKS_DIRECTORY=$work/clicks
  limited 300 exec_tool tools.process.StartTimer "$port" 120 "$log" \
    "$here/run.sh" --no-build --port "$port" --management-port "$management" || fail "the start ($1)"
  cat "$work/answer" >>"$work/$1"
  note "$1: ready after $(awk '{ print $1 }' "$work/answer") ms"
}

# memory NAME: resident memory of the JVM and PSS of PostgreSQL, in MiB, into $work/memory-NAME; – where the system
# does not report it.
memory() {
  local rss server pid part pss=0
  rss=$(ps -o rss= -p "$jvm" | tr -d ' ')
  # PSS divides shared pages among processes; a sum of RSS would count them several times.
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
  machine "$work"
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
build_tools_if_needed >&2
jvm_flags
free_port
management=$port
free_port
begin_figures

# 1. Starts. The kinds alternate, so that a busy minute affects all of them.
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

# 2. to 4. Use one service.
export SHORTWAVE_EMBEDDED_DIRECTORY=$data
start_service "$log" 60 "$here/run.sh" --no-build --port "$port" --management-port "$management"
jvm=$(jvm_below "$service")
sleep 10
memory start

failed=
for round in 1 2 3; do
  limited 600 exec_tool tools.load.CreateLinks "$port" "$links" "$connections" || failed="creating links"
  cp "$work/answer" "$work/create-$round"
  [[ -s $work/answer ]] || fail "$failed"
  note "links created ($round of 3): errors, found, seconds, p50, p99, max: $(cat "$work/answer")"
done

run_tool tools.seeds.GenerateSeeds --users "$rows" --urls 1 --events 1 "$work/users" >&2
for round in 1 2; do
  limited 600 exec_tool tools.load.UploadUsers "$port" "$management" "$work/users/users.csv" ||
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

stop_service "$service"

for ((round = 1; round <= (starts + 1) / 2; round++)); do
  measure_start 'start after the load' "$data"
done

report >"$work/report"
print_report "$work/report"
[[ -z $failed ]] || fail "$failed, see above"
