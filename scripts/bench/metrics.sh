# Sourced by scripts/bench.sh.
# shellcheck shell=bash

# The service cannot do without its metrics, the bare server can: what they cost it is more than their share of a redirect,
# which takes longer.
row_metrics() {
  local plain plain_port metered metered_port plain_rate round file=$work/metrics
  need_wrk
  hot_codes
  # Only to learn how many event loops it takes, and which transport.
  start_ours seeds
  start_floor
  plain=$floor plain_port=$floor_port
  start_floor metrics
  metered=$floor metered_port=$floor_port
  stop_service "$service"
  note 'running both warm'
  drive "$plain_port" "$warm_up"
  drive "$metered_port" "$warm_up"
  for ((round = 0; round < rounds; round++)); do
    drive "$plain_port" "$short"
    plain_rate=$rate
    drive "$metered_port" "$short"
    echo "$plain_rate $rate $(calculate "$rate / $plain_rate" 4)" >>"$file"
    note "metrics: without $plain_rate/s, with $rate/s"
  done
  stop_floor "$plain"
  stop_floor "$metered"
  local ratio
  ratio=$(median 3 "$file" 1 3)
  cat <<TEXT

| the bare server, $connections connections, $short s | rounds | without metrics | with | with ÷ without, median | target |
|---|--:|--:|--:|--:|---|
| what a warm redirect does for metrics | $(count "$file") | $(thousands "$(median 1 "$file" 1 0)") /s | $(thousands "$(median 2 "$file" 1 0)") /s | $ratio ($(least 3 "$file" 1 3) to $(worst 3 "$file" 1 3)) | ≥ 0.95: $(verdict "$ratio >= 0.95") |
TEXT
}
