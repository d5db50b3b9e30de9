# Sourced by scripts/bench.sh.
# shellcheck shell=bash

# one_pair FILE FLOOR_SECONDS OUR_SECONDS: the bare server, then ours; one line more in FILE:
# floor/s ours/s ratio served booked waiting drain ratio-of-what-was-booked
one_pair() {
  local floor_rate
  drive "$floor_port" "$2"
  floor_rate=$rate
  before_clicks
  drive "$public" "$3"
  after_clicks
  check_clicks "$(basename "$1")" "$answered" "$connections"
  echo "$floor_rate $rate $(calculate "$rate / $floor_rate" 4) $served $booked $waiting $drain" \
    "$(calculate "$booked / ($3 + $drain) / $floor_rate" 4)" >>"$1"
  note "$(basename "$1"): bare $floor_rate/s, ours $rate/s, ratio $(calculate "$rate / $floor_rate" 2);" \
    "$waiting clicks left at the end, booked after $drain s"
}

# short_rounds: $work/short, unless another row has made it.
short_rounds() {
  local round
  [[ ! -s $work/short ]] || return 0
  for ((round = 0; round < rounds; round++)); do
    one_pair "$work/short" "$short" "$short"
  done
}

# throughput_row WORDS FILE COLUMN TARGET
throughput_row() {
  local ratio
  ratio=$(median "$3" "$2" 1 2)
  printf '| %s | %d | %s /s | %s /s | %s (%s to %s) | %s | %s | %s | %s s | ≥ %s: %s |\n' "$1" "$(count "$2")" \
    "$(thousands "$(median 1 "$2" 1 0)")" "$(thousands "$(median 2 "$2" 1 0)")" \
    "$ratio" "$(least "$3" "$2" 1 2)" "$(worst "$3" "$2" 1 2)" \
    "$(sum 4 "$2")" "$(sum 5 "$2")" \
    "$(thousands "$(median 6 "$2" 1 0)")" "$(median 7 "$2" 1 1)" "$4" "$(verdict "$ratio >= $4")"
}

row_throughput() {
  local in_database served_in_all round
  start_pair
  in_database=$(clicks_in_database)
  short_rounds
  for ((round = 0; round < rounds; round++)); do
    one_pair "$work/sustained" "$((sustain < 15 ? sustain : 15))" "$sustain"
  done
  in_database=$(($(clicks_in_database) - in_database))
  served_in_all=$(($(sum 4 "$work/short") + $(sum 4 "$work/sustained")))
  ((in_database == served_in_all)) || wrong "throughput: $served_in_all redirects served, $in_database clicks in the database"
  cat <<TEXT

| warm redirects, $connections connections | rounds | bare server | ours | ours ÷ bare, median | served | booked | not booked at the end | booked after | target |
|---|--:|--:|--:|--:|--:|--:|--:|--:|---|
TEXT
  throughput_row "$short s, from an empty journal" "$work/short" 3 0.85
  throughput_row "$sustain s, redirects served" "$work/sustained" 3 0.6
  throughput_row "$sustain s, clicks booked, with the time until the last" "$work/sustained" 8 0.6
  stop_pair
  printf '\nServed %d, in the database %d.\n' "$served_in_all" "$in_database"
}
