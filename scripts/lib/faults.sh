# Sourced after fleet.sh, not run: what the chaos tier does to a fleet under load.
# shellcheck shell=bash

# fault FILE TEXT: appends the second and the text to the file.
fault() {
  printf '%d s: %s\n' $((SECONDS - FAULTS_BEGAN)) "$2" >>"$1"
  fleet_note "chaos: $2"
}

# faults_end: a PostgreSQL that stands still could not even be stopped.
faults_end() {
  local pid
  [[ -f $FLEET/paused ]] || return 0
  while read -r pid; do kill -CONT "$pid" 2>/dev/null || true; done <"$FLEET/paused"
  rm -f "$FLEET/paused"
}

# faults_pause SECONDS: the server and its processes stop where they are, connections stay open.
faults_pause() {
  local server pid
  server=$(head -n 1 "$FLEET/postgres/postmaster.pid")
  {
    echo "$server"
    ps -A -o pid= -o ppid= | awk -v parent="$server" '$2 == parent { print $1 }'
  } >"$FLEET/paused"
  while read -r pid; do kill -STOP "$pid" 2>/dev/null || true; done <"$FLEET/paused"
  sleep "$1"
  faults_end
}

# faults FILE QUICK: one after the other, with time between them to see what each one did.
faults() {
  local file=$1 pause=25 still=10
  [[ $2 != yes ]] || { pause=5 still=4; }
  FAULTS_BEGAN=$SECONDS
  sleep "$pause"
  fault "$file" 'kill -9 of app1'
  kill -KILL "$(fleet_pid app1)"
  sleep 3
  fleet_launch app1
  fleet_await_ready app1
  fault "$file" 'app1 is back'
  sleep "$pause"
  fault "$file" 'restart of app2'
  fleet_restart app2
  fault "$file" 'app2 is back'
  sleep "$pause"
  fault "$file" 'Redis killed'
  fleet_end redis 5 KILL
  sleep 3
  fleet_start_redis
  fault "$file" 'Redis is back, empty'
  sleep "$pause"
  fault "$file" "PostgreSQL stands still for $still s"
  faults_pause "$still"
  fault "$file" 'PostgreSQL goes on'
}
