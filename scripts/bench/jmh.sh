# Sourced by scripts/bench.sh.
# shellcheck shell=bash

row_jmh() {
  local brief=()
  [[ -z $quick ]] || brief=(-f 1 -wi 1 -i 2)
  # The JVMs that JMH starts get the switches of this one: those of the service.
  limited 1800 "$JAVA" "${JVM_FLAGS[@]}" -cp "$bench_path" org.openjdk.jmh.Main -foe true -prof gc \
    -rf csv -rff "$work/jmh.csv" ${brief[@]+"${brief[@]}"} 'dev\.shortwave\..*Benchmark' ||
    fail "JMH: $(tail -n 20 "$work/answer")"
  cat <<'TEXT'

| inner piece (JMH) | time | error (99.9 %) | allocated |
|---|--:|--:|--:|
TEXT
  # Benchmark,Mode,Threads,Samples,Score,Error,Unit; the profiler's lines carry its name behind the benchmark's.
  awk -F, '{ gsub(/"/, "") }
    NR == 1 { next }
    $1 ~ /gc\.alloc\.rate\.norm$/ { name = $1; sub(/:.*/, "", name); bytes[name] = $5; next }
    $1 !~ /:/ { order[n++] = $1; time[$1] = $5; error[$1] = $6 }
    END {
      for (i = 0; i < n; i++) {
        short = order[i]
        sub(/.*\.bench\./, "", short); sub(/dev\.shortwave\.[a-z]*\./, "", short)
        printf "| `%s` | %.1f ns | %s | %.0f bytes |\n", short, time[order[i]],
          error[order[i]] ~ /^[0-9]/ ? sprintf("± %.1f ns", error[order[i]]) : "–", bytes[order[i]]
      }
    }' "$work/jmh.csv"
}
