#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/kill-test.sh [options]

Checks that kill -9 neither loses a click nor books one twice. Starts the service
with the embedded PostgreSQL, follows cached links as fast as responses allow,
kills the JVM under load, restarts it, waits until it has booked the rest of the
journal, and counts in the database:

  answered <= booked <= answered + in flight at the kill

Every second round kills the JVM once more while it books the rest. The last
round has no kill: there booked must equal answered. Builds first if necessary;
uses free ports, and stops all its processes. Needs a JDK, and about 20 seconds
for each kill.

Progress goes to standard error, the table (Markdown) to standard output.

  --kills N         number of kills                      (20)
  --connections N   connections that follow links        (32)
  --depth N         requests that each sends at once     (4)
  --folder DIR      parent of the temporary folder       (TMPDIR, else /tmp)
  --output FILE     append the table to FILE too
  --keep            leave the temporary folder
  --help            this text

Uses JAVA_HOME, JAVA_OPTS and SHORTWAVE_HEAP as scripts/run.sh does, and ignores
other variables of Shortwave, databases and ports.

Exit code: 1 if a click was lost or booked twice, or after any other failure.
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/report.sh
. "$here/lib/report.sh"

readonly LONGEST_START=120 LONGEST_LOAD=60 LONGEST_BOOKING=180

kills=20
connections=32
depth=4

while (($#)); do
  case $1 in
    --kills | --connections | --depth) number_option "$1" "${2:-}"; shift ;;
    --folder | --output) path_option "$1" "${2:-}"; shift ;;
    *) keep_or_help "$1" ;;
  esac
  shift
done

measure_the_default
scratch_folder "$folder"

# Starts the JVM without scripts/run.sh, because the test kills its process id.
start() {
  start_service "$work/service.log" "$LONGEST_START" "$JAVA" "${JVM_FLAGS[@]}" "-Dshortwave.http.port=$serving" \
    "-Dshortwave.management.port=$management" "-Dshortwave.embedded.directory=$work/postgres" \
    "-Dshortwave.clicks.directory=$work/clicks" -cp "$path" dev.shortwave.Shortwave
}

kill_service() {
  kill -KILL "$service"
  { wait "$service" || true; } 2>/dev/null
  forget "$service"
}

# load SECONDS: starts the load in the background; returns when it is running.
load() {
  local tries
  : >"$work/load.err"
  exec_tool tools.load.PipelinedLoad "$serving" "$work/codes" "$connections" "$depth" "$1" \
    >"$work/load" 2>"$work/load.err" &
  client=$!
  children+=("$client")
  for ((tries = 0; tries < 1200; tries++)); do
    ! grep -q loading "$work/load.err" || return 0
    running "$client" || fail "the load did not begin: $(cat "$work/load.err")"
    sleep 0.05
  done
  fail 'the load did not begin'
}

# Sets answered, in_flight and seconds from the output of the load.
await_load() {
  ended "$client" $((LONGEST_LOAD + 30)) || fail 'the load did not end'
  wait "$client" || fail "the load got wrong responses: $(cat "$work/load.err")"
  forget "$client"
  read -r answered in_flight seconds <"$work/load"
}

# Sets booked to the clicks of this round, when all are booked.
await_booked() {
  local events counted
  limited $((LONGEST_BOOKING + 30)) exec_tool -Xmx128m tools.database.BookedClicks "$work/postgres" \
    "$LONGEST_BOOKING" --drained "$management" || fail 'could not count what is booked'
  read -r events counted <"$work/answer"
  ((events == counted)) || fail "there are $events click events, and the links' counters add up to $counted"
  booked=$((events - before))
  before=$events
}

# row NAME
row() {
  local verdict=kept
  if ((booked < answered)); then
    verdict="LOST $((answered - booked))"
    lost=$((lost + 1))
  elif ((booked > answered + in_flight)); then
    verdict="TWICE $((booked - answered - in_flight))"
    twice=$((twice + 1))
  fi
  printf '| %s | %s s | %d | %d | %d | %s |\n' "$1" "$seconds" "$answered" "$((booked - answered))" "$in_flight" \
    "$verdict" >>"$work/rows"
  note "$1: $answered answered in $seconds s, $booked booked, $in_flight in flight: $verdict"
}

# A moment of the next three seconds, after one in which the JVM warms up.
random_moment() { printf '%d.%03d\n' $((1 + RANDOM % 3)) $((RANDOM % 1000)); }

report() {
  machine "$work"
  cat <<TEXT

\`scripts/kill-test.sh --kills $kills --connections $connections --depth $depth\`: $lost of $kills kills lost clicks, $twice booked some twice.

| | under load for | answered | booked beyond | in flight | promise |
|---|--:|--:|--:|--:|---|
TEXT
  cat "$work/rows"
}

find_java
build_tools_if_needed >&2
jvm_flags
path=$(class_path)
free_port
serving=$port
free_port
management=$port
# Inactive links fail the load.
awk -F, '$1 ~ /^[0-9]+$/ && $3 ~ /^[A-Za-z0-9]+$/ && n++ < 500 { print $3 }' "$ROOT/seeds/urls.csv" >"$work/codes"
begin_figures
before=0
lost=0
twice=0

note 'making a database'
start
await_booked
for ((round = 1; round <= kills; round++)); do
  load "$LONGEST_LOAD"
  sleep "$(random_moment)"
  kill_service
  await_load
  start
  name="kill $round"
  if ((round % 2 == 0)); then
    name+=', and again while booking'
    sleep "0.$((RANDOM % 10))"
    kill_service
    start
  fi
  await_booked
  row "$name"
done
load 5
await_load
await_booked
row 'no kill'
stop_service "$service"
((booked == answered)) || fail "without a kill $booked of $answered clicks are booked"

report >"$work/report"
print_report "$work/report"
((lost + twice == 0)) || fail 'clicks were lost or booked twice, see above'
