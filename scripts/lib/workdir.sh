# Sourced after common.sh, not run: a folder that goes away again, free ports, and processes that end with the script.
# shellcheck shell=bash

# shellcheck source=scripts/lib/processes.sh
. "$(dirname "${BASH_SOURCE[0]}")/processes.sh"

# shellcheck disable=SC2034  # keep and service are for the script that sources this
PROGRAM=$(basename "$0" .sh)
work=       # the folder
keep=       # not empty when it shall stay
log=        # the log whose end fail shows
service=    # the process that start_service began last
children=() # what runs in the background, and must not outlive the script

note() { printf '%s: %s\n' "$PROGRAM" "$*" >&2; }

fail() {
  printf '%s: FAILED: %s\n' "$PROGRAM" "$*" >&2
  if [[ -n $log && -s $log ]]; then
    printf '%s: the end of %s:\n' "$PROGRAM" "${log##*/}" >&2
    tail -n 40 "$log" >&2
  fi
  exit 1
}

# scratch_folder PARENT: makes $work, with a space in its name, and ends all that is in $children with the script.
scratch_folder() {
  work=$(mktemp -d "$1/shortwave $PROGRAM.XXXXXX")
  clean_up_at_end
}

# forget PID: it has ended.
forget() {
  local child left=()
  for child in ${children[@]+"${children[@]}"}; do
    [[ $child == "$1" ]] || left+=("$child")
  done
  children=(${left[@]+"${left[@]}"})
}

# clean_up [CODE]
# shellcheck disable=SC2317  # called by the trap
clean_up() {
  local code=${1:-$?} child file
  trap - EXIT INT TERM HUP
  for child in ${children[@]+"${children[@]}"}; do
    kill -TERM "$child" 2>/dev/null || true
  done
  for child in ${children[@]+"${children[@]}"}; do
    ended "$child" 30 && continue
    # Three signals are run.sh's own way to end the service by force.
    for _ in 1 2 3; do
      kill -TERM "$child" 2>/dev/null || true
      sleep 0.5
    done
    ended "$child" 2 || kill -KILL "$child" 2>/dev/null || true
  done
  # A database that outlived its service; its first line is its process id.
  while IFS= read -r file; do
    kill -INT "$(head -n 1 "$file")" 2>/dev/null || true
  done < <(find "$work" -name postmaster.pid 2>/dev/null)
  if [[ -n $keep ]]; then note "left $work"; else rm -rf "$work" || true; fi
  exit "$code"
}

# limited SECONDS COMMAND...: its output goes to $work/answer. In the background, so that a signal ends it.
limited() {
  local limit=$1 code=0 task
  shift
  "$@" >"$work/answer" &
  task=$!
  children+=("$task")
  ended "$task" "$limit" || fail "not done within $limit s: $*"
  wait "$task" || code=$?
  forget "$task"
  return "$code"
}

# start_service LOG SECONDS COMMAND...: returns when the service says in $log that it is ready; it is $service then.
start_service() {
  local limit=$2 began=$SECONDS
  log=$1
  shift 2
  : >"$log"
  "$@" >"$log" 2>&1 &
  service=$!
  children+=("$service")
  until grep -q 'is ready at' "$log"; do
    running "$service" || fail 'ended before it was ready'
    ((SECONDS - began < limit)) || fail "not ready within $limit s"
    sleep 0.1
  done
}

# stop_service PID
stop_service() {
  local code=0
  kill -TERM "$1"
  ended "$1" 60 || fail 'still running 60 s after SIGTERM'
  wait "$1" || code=$?
  forget "$1"
  ((code == 0)) || fail "exit code $code after SIGTERM"
}

# jvm_below PID: prints the Java process that scripts/run.sh runs as this process.
jvm_below() { ps -A -o pid= -o ppid= -o comm= | awk -v parent="$1" '$2 == parent && $3 ~ /java$/ { print $1; exit }'; }
