# Sourced by the scripts beside this folder, not run. Works with bash 3.2, which macOS has.
# Sets ROOT, the project's folder, and offers say, die, what tests have in common, and the build.
# shellcheck shell=bash

# shellcheck disable=SC2034  # for the script that sources this
ROOT=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf 'shortwave: %s\n' "$*"; }

die() {
  printf 'shortwave: %s\n' "$*" >&2
  exit 1
}

# keep_or_help ARGUMENT: what tests and measurements take besides options of their own. Needs a function usage.
# shellcheck disable=SC2034  # keep is for the caller
keep_or_help() {
  case $1 in
    --keep) keep=yes ;;
    -h | --help) usage; exit 0 ;;
    *) die "unknown argument '$1' (try --help)" ;;
  esac
}

# clean_up_at_end: calls clean_up, a function, when the script ends, also by a signal.
clean_up_at_end() {
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

# absolute PATH: the same path, wherever a later command runs.
absolute() {
  case $1 in
    /*) printf '%s\n' "$1" ;;
    *) printf '%s/%s\n' "$PWD" "$1" ;;
  esac
}

# The archive of a release has the jar and lib/ in its own folder, and no sources.
BUILD=$ROOT/target
[[ -f $ROOT/pom.xml ]] || BUILD=$ROOT
JAR=$BUILD/shortwave.jar
# Touched after each build with the time at which it began: Maven leaves a jar alone whose content would be the same,
# so the jar's own time can be older than a source that changed nothing.
BUILT=$BUILD/shortwave.built

# Programs of src/tools and src/bench, which the same build compiles.
TOOLS=$BUILD/tools-classes

# build_needed [FOLDER...]: prints why, or fails when target/ is up to date or there is nothing to build from. FOLDER are
# sources besides those of the service.
build_needed() {
  [[ -f $ROOT/pom.xml ]] || return 1
  [[ -f $JAR ]] || { echo 'there is no build yet'; return; }
  local lib=("$BUILD"/lib/*.jar)
  [[ -f ${lib[0]} ]] || { echo 'the libraries are missing'; return; }
  local newer=(-newer "$JAR") changed
  [[ ! -f $BUILT ]] || newer+=(-newer "$BUILT")
  # Folders too: a deleted or renamed source shows only there.
  changed=$(find "$ROOT/pom.xml" "$ROOT/src/main" "$@" "${newer[@]}" -print 2>/dev/null | head -n 1)
  [[ -n $changed ]] && echo "${changed#"$ROOT"/} has changed"
}

# source_commit: prints the commit of the sources, with -dirty behind it if they are others.
source_commit() { git -C "$ROOT" describe --always --dirty --abbrev=10 --exclude '*' 2>/dev/null || echo unknown; }

# build WHY: packages without tests. Needs find_java first.
build() {
  [[ -f $ROOT/pom.xml ]] || die "$ROOT has no sources to build: it is the archive of a release"
  require_compiler
  local started=$SECONDS stamp
  say "building ($1); a minute or two the first time, when libraries are fetched"
  mkdir -p "$BUILD"
  stamp=$BUILT.$$
  : >"$stamp"
  if ! (
    cd "$ROOT" || exit
    # Maven must take the Java that was found here, not one of its own choice.
    if [[ -n $JAVA_FROM_HOME ]]; then export JAVA_HOME; else unset JAVA_HOME; fi
    ./mvnw -B -q -ntp -Dmaven.test.skip=true -Dspotless.check.skip=true "-Dbuild.commit=$(source_commit)" package </dev/null
  ); then
    rm -f "$stamp"
    die "the build failed, see above"
  fi
  mv -f "$stamp" "$BUILT"
  [[ -f $JAR ]] || die "the build ended without target/shortwave.jar"
  say "built in $((SECONDS - started)) s"
}

# build_if_needed
build_if_needed() {
  local why
  if why=$(build_needed); then build "$why"; fi
}

# build_tools_if_needed: the service, and the programs that load and measure it.
build_tools_if_needed() {
  local why
  if why=$(build_needed "$ROOT/src/tools" "$ROOT/src/bench"); then
    build "$why"
  elif [[ ! -d $TOOLS/dev ]]; then
    build 'the tools are not compiled yet'
  fi
}
