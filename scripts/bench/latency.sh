# Sourced by scripts/bench.sh.
# shellcheck shell=bash

# arrive PORT FILE RATE SECONDS: an open loop; the line of figures into $work/answer.
arrive() {
  limited $(($4 + 60)) exec_tool bench.OpenLoop "$1" "$2" "$3" "$warm_up" "$4" "$connections" ||
    fail "the open loop on port $1, see above"
}

# latency_row WORDS FILE TARGET
latency_row() {
  printf '| %s | %d | %s ms | %s ms | %s ms | %s ms | %s ms | %s µs | %s |\n' "$1" "$(count "$2")" \
    "$(median 4 "$2" 1 2)" "$(median 5 "$2" 1 2)" "$(median 6 "$2" 1 2)" "$(worst 7 "$2" 1 1)" \
    "$(median 9 "$2" 1 2)" "$(median 11 "$2" 1 1)" "$3"
}

row_latency() {
  local round arrivals ours bare
  start_pair
  short_rounds
  arrivals=$(calculate "$(median 2 "$work/short" 1 0) * 0.6" 0)
  note "$arrivals redirects/s, 60 % of the throughput"
  for ((round = 0; round < rounds; round++)); do
    arrive 0 "$work/codes" "$arrivals" "$steady"
    cat "$work/answer" >>"$work/latency-alone"
    arrive "$floor_port" "$work/codes" "$arrivals" "$steady"
    cat "$work/answer" >>"$work/latency-bare"
    before_clicks
    arrive "$public" "$work/codes" "$arrivals" "$steady"
    cat "$work/answer" >>"$work/latency-ours"
    after_clicks
    check_clicks latency "$(awk '{ print $1 }' "$work/answer")" 0
    note "p99 at $arrivals/s: bare $(tail -n 1 "$work/latency-bare" | cut -d' ' -f5) ms," \
      "ours $(tail -n 1 "$work/latency-ours" | cut -d' ' -f5) ms; $waiting clicks left at the end"
  done
  ours=$(median 5 "$work/latency-ours" 1 3)
  bare=$(median 5 "$work/latency-bare" 1 3)
  cat <<TEXT

| $(thousands "$arrivals") arrivals/s (60 % of the throughput), open loop, $steady s | rounds | p50 | p99 | p99.9 | worst | p99 of the generator's lateness | generator's processor time a request | target |
|---|--:|--:|--:|--:|--:|--:|--:|---|
TEXT
  latency_row 'ours' "$work/latency-ours" \
    "p99 ≤ 5 ms: $(verdict "$ours <= 5"); ≤ 2 × bare: $(verdict "$ours <= 2 * $bare") ($(calculate "$ours / $bare" 2) ×)"
  latency_row 'bare server' "$work/latency-bare" –
  latency_row 'the generator with a thread of its own that answers' "$work/latency-alone" –
  stop_pair
}
