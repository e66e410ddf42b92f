# SPDX-License-Identifier: Apache-2.0
"""The configuration of an sshd of a test: keys below /run/ssh, forced commands only."""


def config(address, port=22):
    return f"""\
Port {port}
ListenAddress {address}
HostKey /run/ssh/host
AuthorizedKeysFile /run/ssh/authorized
PermitRootLogin forced-commands-only
PasswordAuthentication no
StrictModes no
UsePAM no
PidFile none
"""
