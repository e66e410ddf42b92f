/* SPDX-License-Identifier: Apache-2.0
 *
 * received: one Received field taken apart.
 *
 * Only the connection's address counts: the last parenthesised or bracketed
 * address between "from" and "by" at a place where servers write it, never the
 * HELO and never anything in the by clause. Forms read: Postfix and Sendmail
 * "HELO (rdns [IP])", Exim "rdns ([IP]:port helo=x)" and "[IP] (port= helo=x)",
 * qmail "rdns (HELO x) (ident@IP)", Yahoo "127.0.0.1 (EHLO x) (IP)", Microsoft
 * "x ([IP])" and "x (IP) by y (IP)", ecelerity "[IP] ([IP:port] helo=x)",
 * USFamily "[IP]", USA.net "name [IP]".
 */
#pragma once
#include "base/arena.h"
#include "base/clock.h"
#include "base/ip.h"
#include "base/str.h"

struct hop {
	str helo;      /* what stands first after "from": HELO or verified name, by the server's habit */
	str rdns;      /* the name that the server found for the address; empty when it found none or does not say */
	bool has_rdns; /* the form has a place for it, so an empty rdns means that there is none */
	bool has_ip, has_by_ip;
	struct ip ip, by_ip;
	str by, with, id, recipient;
	bool authenticated; /* the client logged in: with ESMTPA/ESMTPSA/HTTP, or a comment that says so */
	bool local;	    /* "from LOGIN by host with local": no connection; helo is the login */
	usec time;	    /* USEC_NEVER when unreadable */
};

/* Never fails: what is not there stays empty. Strings point into value. */
void hop_parse(str value, struct hop *out);
/* The address in a token such as "[192.0.2.1]", "[192.0.2.1]:25", "IPv6:2001:db8::1", "192.0.2.1:25", "user@192.0.2.1".
 */
bool hop_parse_ip(str token, struct ip *out);
