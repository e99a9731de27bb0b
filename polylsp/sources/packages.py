"""Packages that are held out, pinned by version: none of them teaches the embedded model anything.

Thresholds and rules are tuned on the development set; only the test set is reported on. Debian's are those of
its release 12.
"""

from __future__ import annotations

SETS = {
    "development": (
        "debian:libev=1:4.33-1",
        "debian:jo=1.9-1",
        "debian:double-conversion=3.2.1-1",
        "debian:jsoup=1.15.3-1",
        "debian:golang-logrus=1.9.0-1",
        "debian:rust-hyperfine=1.15.0-2",
        "debian:ruby-faraday=1.1.0-7",
        "debian:php-ramsey-uuid=4.6.0-1",
        "debian:php-parsedown=1.7.4-1",
        "debian:gtk-sharp2=2.12.40-3.1",
        "debian:scala-xml=1.0.3-3.1",
        "pypi:marshmallow==4.4.0",
        "pypi:pluggy==1.7.0",
        "npm:nodemailer@10.6.1",
        "npm:@trpc/client@11.25.2",
    ),
    "test": (
        "debian:tmux=3.3a-3",
        "debian:libsodium=1.0.18-1+deb12u1",
        "debian:libevent=2.1.12-stable-8",
        "debian:re2=20220601+dfsg-1",
        "debian:snappy=1.1.9-3",
        "debian:fmtlib=9.1.0+ds1-2",
        "debian:junit5=5.9.2-1",
        "debian:libgoogle-gson-java=2.10-1",
        "debian:prometheus=2.42.0+ds-5+deb12u1",
        "debian:golang-github-gorilla-mux=1.8.0-1",
        "debian:rust-bat=0.22.1-4",
        "debian:rust-exa=0.10.1-4",
        "debian:puma=5.6.5-3+deb12u1",
        "debian:ruby-rack=2.2.22-0+deb12u1",
        "debian:php-twig=3.5.1-1+deb12u3",
        "debian:php-league-commonmark=2.3.9-1+deb12u1",
        "debian:nunit=2.6.4+dfsg-1.1",
        "debian:taglib-sharp=2.1.0.0-5",
        "debian:scala-parser-combinators=1.0.3-3.1",
        "pypi:rich==15.0.0",
        "pypi:httpx==0.28.1",
        "pypi:requests==2.34.2",
        "npm:koa@3.3.0",
        "npm:immer@11.2.10",
        "npm:xstate@5.33.3",
        "npm:zod@4.6.7",
    ),
}
