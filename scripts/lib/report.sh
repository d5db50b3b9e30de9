# Sourced, not run; brings common.sh, java.sh and workdir.sh with it: what reports of measurements have in common.
# shellcheck shell=bash

beside=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/common.sh
. "$beside/common.sh"
# shellcheck source=scripts/lib/java.sh
. "$beside/java.sh"
# shellcheck source=scripts/lib/workdir.sh
. "$beside/workdir.sh"

# shellcheck disable=SC2034  # folder is for the script that sources this

folder=${TMPDIR:-/tmp} # where the scratch folder goes
output=                # the file to which the report is appended too

# number_option --NAME VALUE: into $NAME, with _ for -.
number_option() {
  local name=${1#--}
  [[ ${2:-} =~ ^[1-9][0-9]{0,6}$ ]] || die "$1 takes a number from 1 on, not '${2:-}'"
  printf -v "${name//-/_}" %s "$2"
}

# path_option --folder DIR, or --output FILE
path_option() {
  case $1 in
    --folder)
      [[ -d ${2:-} && -w $2 ]] || die "--folder takes a folder that can be written to, not '${2:-}'"
      folder=$(cd -P "$2" && pwd)
      ;;
    --output)
      [[ -n ${2:-} ]] || die '--output needs a file'
      output=$(absolute "$2")
      ;;
  esac
}

# print_report FILE
print_report() {
  cat "$1"
  [[ -z $output ]] || cat "$1" >>"$output"
}

# measure_the_default: what is measured does not depend on what the environment says of Shortwave.
measure_the_default() {
  local name
  for name in $(compgen -e); do
    case $name in
      SHORTWAVE_HEAP) ;;
      SHORTWAVE_* | DATABASE_* | REDIS_* | MANAGEMENT_* | LOG_FORMAT | LOG_LEVEL | PUBLIC_URL | BASE_URL | PORT) unset "$name" ;;
    esac
  done
}

# begin_figures: remembers when and under which load.
begin_figures() {
  began_at=$(date -u '+%Y-%m-%d %H:%M UTC')
  load_before=$(load_average)
  note "load average $load_before; the more the machine has to do, the less the figures are worth"
}

# machine FOLDER: the heading of a report and a table of what it was measured on; FOLDER is where the data was.
machine() {
  local commit model memory filesystem collector
  commit=$(git -C "$ROOT" rev-parse --short=10 HEAD 2>/dev/null || echo unknown)
  [[ -z $(git -C "$ROOT" status --porcelain --untracked-files=no 2>/dev/null) ]] || commit+=' with changes'
  model=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1 || true)
  [[ -n $model ]] || model=$(sysctl -n machdep.cpu.brand_string 2>/dev/null || uname -m)
  memory=$(awk '/^MemTotal/ { printf "%.1f", $2 / 1048576 }' /proc/meminfo 2>/dev/null ||
    sysctl -n hw.memsize | awk '{ printf "%.1f", $1 / 1073741824 }')
  filesystem=$(df -T "$1" 2>/dev/null | awk 'END { print $2 }' || true)
  collector=$("$JAVA" "${JVM_FLAGS[@]}" -XX:+PrintFlagsFinal -version 2>/dev/null |
    awk '/ Use[A-Za-z0-9]*GC .*= true/ && $2 !~ /Adaptive|Maximum|Explicit/ { sub("^Use", "", $2); print $2; exit }')
  cat <<TEXT

### $began_at

| | |
|---|---|
| commit | \`$commit\` |
| machine | $model, $(getconf _NPROCESSORS_ONLN) cores, $memory GiB; $(uname -sr); data on ${filesystem:-an unknown file system} |
| Java | $(head -n 1 <<<"$JAVA_VERSION_TEXT" | tr -d '"'), \`-Xmx${SHORTWAVE_HEAP:-256m}\`, ${collector:-unknown collector}${JAVA_OPTS:+, \`$JAVA_OPTS\`} |
| load average | $load_before before, $(load_average) after (1, 5 and 15 minutes; the bench's own load counts) |
TEXT
}

# 10000: 10,000
thousands() {
  local rest=$1 text=
  while ((${#rest} > 3)); do
    text=,${rest: -3}$text
    rest=${rest%???}
  done
  printf '%s\n' "$rest$text"
}

# Of the numbers in column $1 of file $2, in units of $3, with $4 decimals.
median() {
  awk -v c="$1" '{ print $c }' "$2" | sort -g |
    awk -v unit="$3" -v d="$4" '{ v[NR] = $1 }
      END { m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2; printf "%.*f", d, m / unit }'
}
worst() { awk -v c="$1" -v unit="$3" -v d="$4" '$c > m { m = $c } END { printf "%.*f", d, m / unit }' "$2"; }
least() { awk -v c="$1" -v unit="$3" -v d="$4" 'NR == 1 || $c < m { m = $c } END { printf "%.*f", d, m / unit }' "$2"; }
sum() { awk -v c="$1" '{ n += $c } END { printf "%d", n }' "$2"; }
count() { wc -l <"$1" | tr -d ' '; }

# calculate EXPRESSION DECIMALS
calculate() { awk "BEGIN { printf \"%.*f\", $2, $1 }"; }

# verdict CONDITION: met, or missed.
verdict() { awk "BEGIN { print ($1) ? \"met\" : \"missed\" }"; }
