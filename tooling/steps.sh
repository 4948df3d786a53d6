# Sourced by check.sh, test.sh and soak.sh: runs each step, goes on after a failure, and says at the end what failed.
PATH=$PWD/.venv/bin:$PATH
mkdir -p build/junit
failed=""

step() {
    name=$1
    shift
    started=$(date +%s)
    echo "--- $name"
    if "$@"; then
        echo "    $(($(date +%s) - started)) s"
    else
        echo "    FAILED after $(($(date +%s) - started)) s"
        failed="$failed
  $name"
    fi
}

finish() {
    [ -z "$failed" ] && echo "All passed." && exit 0
    echo "Failed:$failed" >&2
    exit 1
}
