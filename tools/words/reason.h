/* SPDX-License-Identifier: GPL-2.0-only */
/* What is wrong with an overlay, in words that say what helps. */
#ifndef RELOOP_REASON_H
#define RELOOP_REASON_H

/* The words for an enum reloop_reason, whoever found it; NULL for none or an unknown one. */
const char *reason_words(unsigned int reason);

/* The error number, below zero, that the kernel returns with it. */
int reason_error(unsigned int reason);

#endif
