# Sourced by scripts/bench.sh.
# shellcheck shell=bash

# allocated FILE PROCESS PORT: one line more in FILE, bytes allocated on the event loops for each redirect.
allocated() {
  local before after
  before=$(exec_tool bench.AllocatedBytes "$2")
  drive "$3" "$short"
  after=$(exec_tool bench.AllocatedBytes "$2")
  calculate "($after - $before) / $answered" 1 >>"$1"
  echo >>"$1"
  note "$(basename "$1"): $(tail -n 1 "$1") bytes"
}

# hold_booking: no transaction can insert events until release_booking.
hold_booking() {
  local tries
  [[ -p $work/lock ]] || mkfifo "$work/lock"
  exec_tool tools.database.Sql "$data" <"$work/lock" >"$work/locked" &
  locker=$!
  children+=("$locker")
  exec 7>"$work/lock"
  printf '%s\n' 'BEGIN' 'LOCK TABLE events' "SELECT 'locked'" >&7
  for ((tries = 0; tries < 150; tries++)); do
    ! grep -q locked "$work/locked" || return 0
    sleep 0.2
  done
  fail 'the table of events could not be locked'
}

release_booking() {
  exec 7>&-
  ended "$locker" 20 || fail 'the lock on the table of events is not given back'
  forget "$locker"
}

# profile_allocation: on standard output.
profile_allocation() {
  local file=$work/allocation.jfr
  # jcmd reads its arguments as one line: quotes for the spaces.
  "${JAVA%java}jcmd" "$jvm" JFR.start name=bench "settings=\"$here/bench/allocation.jfc\"" >&2
  drive "$public" "$((short * 4))"
  "${JAVA%java}jcmd" "$jvm" JFR.stop name=bench "filename=\"$file\"" >&2
  [[ -s $file ]] || fail 'the JVM recorded no allocations'
  exec_tool bench.AllocationProfile "$file" "$answered"
}

row_allocation() {
  local round bare alone beyond profiled=
  start_pair
  for ((round = 0; round < rounds; round++)); do
    allocated "$work/allocated-bare" "$floor" "$floor_port"
    before_clicks
    allocated "$work/allocated-booking" "$jvm" "$public"
    after_clicks
    check_clicks allocation "$served" 0
  done
  before_clicks
  hold_booking
  for ((round = 0; round < rounds; round++)); do
    allocated "$work/allocated-alone" "$jvm" "$public"
  done
  [[ -z $profile ]] || profiled=$(profile_allocation) || fail 'no profile of allocations'
  release_booking
  after_clicks
  check_clicks allocation "$served" 0
  bare=$(median 1 "$work/allocated-bare" 1 0)
  alone=$(median 1 "$work/allocated-alone" 1 0)
  beyond=$((alone - bare))
  cat <<TEXT

| allocated on the event loops, bytes a warm redirect | rounds | median | least | most | beyond the bare server | target |
|---|--:|--:|--:|--:|--:|---|
TEXT
  allocation_row 'bare server' bare – –
  allocation_row 'ours, booking held back' alone "$beyond" "≤ 300: $(verdict "$beyond <= 300")"
  allocation_row 'ours, with the booking' booking "$(($(median 1 "$work/allocated-booking" 1 0) - bare))" –
  [[ -z $profiled ]] || printf '%s\n' "$profiled"
  stop_pair
}

# allocation_row WORDS NAME BEYOND TARGET
allocation_row() {
  local file=$work/allocated-$2
  printf '| %s | %d | %s | %s | %s | %s | %s |\n' "$1" "$(count "$file")" "$(median 1 "$file" 1 0)" \
    "$(least 1 "$file" 1 0)" "$(worst 1 "$file" 1 0)" "$3" "$4"
}
