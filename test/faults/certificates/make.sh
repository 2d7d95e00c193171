#!/bin/sh
# Makes the certificates for tests on 127.0.0.1 anew, in the folder of this file. Needs OpenSSL 3. They are valid from 2020 to
# 2120. All servers share the one private key, which is valid nowhere else; the CA's key is thrown away.
set -eu
cd "$(dirname "$0")"
key=only-for-tests-on-127.0.0.1.key.pem
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/ca.cnf" <<END
[ca]
default_ca = tests
[tests]
new_certs_dir = $work
database = $work/index
rand_serial = yes
default_md = sha256
policy = names
unique_subject = no
[names]
commonName = supplied
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[loopback]
subjectAltName = IP:127.0.0.1, DNS:localhost
[elsewhere]
subjectAltName = DNS:elsewhere.invalid
END
: >"$work/index"

newkey() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }
sign() { # file extensions enddate, and more options
  name=$1 extensions=$2 enddate=$3
  shift 3
  openssl req -new -key "$work/$name.key" -subj "/CN=$name, for tests on 127.0.0.1" -out "$work/csr"
  openssl ca -batch -notext -config "$work/ca.cnf" -extensions "$extensions" -startdate 20200101000000Z \
    -enddate "$enddate" -in "$work/csr" -out "$name.pem" "$@" 2>/dev/null
}

newkey "$work/ca.key"
newkey "$key"
for name in valid other-name self-signed; do cp "$key" "$work/$name.key"; done
# For NODE_EXTRA_CA_CERTS; it signs the next two.
sign ca authority 21200101000000Z -selfsign -keyfile "$work/ca.key"
sign valid loopback 21200101000000Z -cert ca.pem -keyfile "$work/ca.key"
sign other-name elsewhere 21200101000000Z -cert ca.pem -keyfile "$work/ca.key"
sign self-signed loopback 21200101000000Z -selfsign -keyfile "$key"
