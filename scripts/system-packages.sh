#!/bin/sh
# The system packages that the tests and the demo need, on Debian and Ubuntu: the one list, and its installer.
#
#   system-packages.sh [--yes]   install what is missing (asks first, unless --yes or CI=true)
#   system-packages.sh --check   only look: prints the names of the missing packages
#   system-packages.sh --list    print the whole list, with the reason for each
#
# Exit status: 0 everything is there; 1 something is missing (--check) or the installation failed;
# 3 nothing can be installed here (not root, not Debian or Ubuntu, or nobody said yes).
set -eu

packages() {
  cat <<'LIST'
qemu-system-x86   virtual machines with real firmware
seabios           the BIOS of these machines
ipxe-qemu         iPXE as the option ROM of their network cards
ovmf              the UEFI firmware of these machines
qemu-system-arm   the same for arm64
qemu-efi-aarch64  the UEFI firmware of those
ipxe              the loaders that are served: undionly.kpxe, snponly.efi
xorriso           ISO images: writes the boot media, and reads them back
mtools            the EFI system partition on them, without mounting it
isolinux          starts iPXE from a CD on BIOS machines
syslinux-common   the modules of that
gcc               compiles the stand-in of iPXE, as the builder's driver host does it
libc6-dev         what programs of the build itself are compiled with
make              the same
perl              what the source of iPXE wants besides
liblzma-dev       the same
git               fetches its source by URL and commit
docker.io         the Docker daemon that images are built and run in
debootstrap       makes their base image, so that no registry is needed
libvirt-daemon    libvirt as the users of virtual machines have it
libvirt-clients   virsh, which talks to it
virtinst          virt-install, which defines its machines
iptables          what its networks want to be there
busybox-static    the whole user land of the guest, and udhcpc
cpio              packs the guest's initrd
xz-utils          unpacks kernel modules, where the distribution compresses them so
zstd              the same
iproute2          namespaces, bridges, taps
tcpdump           what was on the wire, for diagnosis
isc-dhcp-client   dhclient, a DHCP client of other people's making
isc-dhcp-relay    dhcrelay, a relay agent of other people's making
dnsmasq-base      another DHCP server on the same network, of other people's making
atftp             a TFTP client of other people's making
socat             listens where systemd would, for the messages of a service
systemd           checks the units that are written for it
curl              an HTTP and TFTP client of other people's making
LIST
}

names() { packages | cut -d ' ' -f 1; }

missing() {
  command -v dpkg-query >/dev/null || { names; return; }
  # shellcheck disable=SC2046 # one word a name is wanted
  dpkg-query -W -f '${db:Status-Status} ${Package}\n' $(names) 2>/dev/null |
    sed -n 's/^installed //p' | sort -u >"$scratch/installed"
  names | grep -vxF -f "$scratch/installed" || true
}

# Sockets that wait for strangers: TCP in LISTEN (0A), UDP without a peer. One "protocol address:port" a line, in hex.
# Ports that the kernel hands out by itself are left out: any program may hold one for a moment.
listening() {
  range=$(cat /proc/sys/net/ipv4/ip_local_port_range)
  first=${range%%[!0-9]*}
  last=${range##*[!0-9]}
  for protocol in tcp tcp6 udp udp6; do
    [ -r /proc/net/$protocol ] || continue
    awk -v protocol=$protocol '
      NR > 1 && ((protocol ~ /tcp/ && $4 == "0A") || (protocol ~ /udp/ && $3 ~ /^0+:0000$/)) { print protocol, $2 }
    ' /proc/net/$protocol
  done | sort -u | while read -r socket; do
    port=$((0x${socket##*:}))
    { [ $port -ge "$first" ] && [ $port -le "$last" ]; } || echo "$socket"
  done
}

# Installs without starting a single service: policy-rc.d answers "forbidden" (101) to every package meanwhile.
install() {
  policy=/usr/sbin/policy-rc.d
  [ ! -e $policy ] || mv $policy "$scratch/policy-rc.d"
  restore='rm -f $policy; [ ! -e "$scratch/policy-rc.d" ] || mv "$scratch/policy-rc.d" $policy'
  trap "$restore; $clean" EXIT
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod 755 $policy
  export DEBIAN_FRONTEND=noninteractive
  apt-get -q update || exit 1
  apt-get -q -y --no-install-recommends install "$@" || exit 1
}

# A listener counts when it is still there a second later: a resolver's socket of that moment is none.
refuse_new_listeners() {
  listening | comm -13 "$scratch/before" - >"$scratch/new"
  [ -s "$scratch/new" ] || return 0
  sleep 1
  listening | comm -12 "$scratch/new" - >"$scratch/still"
  [ -s "$scratch/still" ] || return 0
  echo 'After the installation something listens that did not before (protocol, address:port in hex):' >&2
  cat "$scratch/still" >&2
  exit 1
}

agreed() {
  [ "$yes" = true ] && return 0
  [ -t 0 ] || return 1
  printf 'Install them now? [y/N] '
  read -r answer
  case $answer in [yY]*) return 0 ;; *) return 1 ;; esac
}

scratch=$(mktemp -d)
clean='rm -rf "$scratch"'
trap "$clean" EXIT
trap 'exit 1' HUP INT TERM
yes=${CI:-false}

case ${1-} in
  --list) packages; exit 0 ;;
  --check)
    wanted=$(missing)
    [ -z "$wanted" ] && exit 0
    echo "$wanted"
    exit 1
    ;;
  --yes) yes=true ;;
  '') ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 1 ;;
esac

wanted=$(missing)
[ -z "$wanted" ] && exit 0
# shellcheck disable=SC2086 # the names become the words of one line
echo "Missing system packages:" $wanted
[ "$(id -u)" = 0 ] || { echo 'Only root can install them.'; exit 3; }
command -v apt-get >/dev/null || { echo 'Only Debian and Ubuntu are known here: install their equivalents.'; exit 3; }
agreed || { echo 'Not installed.'; exit 3; }
listening >"$scratch/before"
# shellcheck disable=SC2086
install $wanted
refuse_new_listeners
wanted=$(missing)
[ -z "$wanted" ] || { echo "Still missing:" $wanted >&2; exit 1; }
