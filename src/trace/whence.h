/* SPDX-License-Identifier: Apache-2.0
 *
 * whence: the real clients behind webmail. Mail that a mailbox sends over
 * SMTP AUTH from loopback gets the webmail request of that moment.
 */
#pragma once
#include "trace/world.h"

/* Sets request of the messages with a mailbox and a loopback client, where the web logs show one. */
void whence_trace(struct world *world);
