# Sourced by scripts/bench.sh.
# shellcheck shell=bash

row_staleness() {
  local number ports=() services=() redirects asked seen old p50 p99 most code=0
  need_redis
  start_redis
  export SHORTWAVE_REDIS_URL=redis://127.0.0.1:$redis_port/0
  for ((number = 1; number <= 4; number++)); do
    # The first one brings the database for all.
    start_ours seeds
    ((number > 1)) || SHORTWAVE_DATABASE_URL=$(bench_java Sql "$data" --url)
    export SHORTWAVE_DATABASE_URL
    ports+=("$public")
    services+=("$service")
  done
  note "4 services run; $edits edits, then deletions"
  limited $((120 + edits)) bench_java Staleness "$edits" "$redirects_beside" "${ports[@]}" || code=$?
  [[ -s $work/answer ]] || fail 'the edits could not be made, see above'
  read -r redirects asked seen old p50 p99 most <"$work/answer"
  ((code == 0)) || wrong 'staleness: stale answers or errors, see above'
  for ((number = 3; number >= 0; number--)); do
    stop_service "${services[number]}"
  done
  cat <<TEXT

| 4 JVMs, one Redis, one PostgreSQL; $redirects_beside redirects/s beside the changes | stale when asked after the change | stale in the load | old one beside the new one, at most | change p50 | p99 | max | target |
|---|--:|--:|--:|--:|--:|--:|---|
| $(thousands "$edits") edits and 100 deletions, $(thousands "$redirects") redirects | $asked | $seen | $old ms | $p50 ms | $p99 ms | $most ms | 0 stale: $(verdict "$asked + $seen == 0") |
TEXT
  stop_redis
  unset SHORTWAVE_REDIS_URL SHORTWAVE_DATABASE_URL
}
