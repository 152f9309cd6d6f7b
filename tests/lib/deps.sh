#!/bin/sh
# deps.sh PACKAGE...: installs the Debian packages that are missing, and says which.
# Quiet and quick when all are there. Uses sudo when not root.
set -eu

missing=
for package in "$@"; do
	case $package in
	nodejs|npm) # any node and npm will do, packaged or not
		command -v "$(echo "$package" | sed 's/^nodejs$/node/')" >/dev/null 2>&1 && continue ;;
	esac
	case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true) in
	installed) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

echo "installing:$missing"
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # package names have no spaces
{
	$sudo apt-get update -qq
	$sudo apt-get install -y -qq --no-install-recommends $missing
} >build-deps.log 2>&1 || { cat build-deps.log; echo "could not install:$missing" >&2; exit 1; }
rm -f build-deps.log
