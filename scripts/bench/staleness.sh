# Sourced by scripts/bench.sh.
# shellcheck shell=bash

row_staleness() {
  local redirects asked seen old p50 p99 most code=0
  start_fleet 4
  note "4 services run; $edits edits, then deletions"
  limited $((120 + edits)) exec_tool bench.Staleness "$edits" "$redirects_beside" "${ports[@]}" || code=$?
  [[ -s $work/answer ]] || fail 'the edits could not be made, see above'
  read -r redirects asked seen old p50 p99 most <"$work/answer"
  ((code == 0)) || wrong 'staleness: stale answers or errors, see above'
  stop_fleet
  cat <<TEXT

| 4 JVMs, one Redis, one PostgreSQL; $redirects_beside redirects/s beside the changes | stale when asked after the change | stale in the load | old one beside the new one, at most | change p50 | p99 | max | target |
|---|--:|--:|--:|--:|--:|--:|---|
| $(thousands "$edits") edits and 100 deletions, $(thousands "$redirects") redirects | $asked | $seen | $old ms | $p50 ms | $p99 ms | $most ms | 0 stale: $(verdict "$asked + $seen == 0") |
TEXT
}
