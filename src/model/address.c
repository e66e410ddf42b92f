/* SPDX-License-Identifier: Apache-2.0
 *
 * address: cutting of RFC 5321 paths.
 */
#include "model/address.h"

/* Length of the address at the start of s: blanks inside a quoted local part belong to it. */
static size_t address_len(str s)
{
	bool quoted = false;
	size_t blank = str_find(s, ' ');
	str plain = str_head(s, blank);
	if (str_find(plain, '"') == STR_NONE && str_find(plain, '\t') == STR_NONE)
		return plain.len;
	for (size_t i = 0; i < s.len; i++) {
		if (quoted && s.at[i] == '\\')
			i++;
		else if (s.at[i] == '"')
			quoted = !quoted;
		else if (!quoted && (s.at[i] == ' ' || s.at[i] == '\t'))
			return i;
	}
	return s.len;
}

str address_cut(str *rest)
{
	str head = str_head(*rest, address_len(*rest));
	*rest = str_from_at(*rest, head.len);
	while (rest->len && (rest->at[0] == ' ' || rest->at[0] == '\t'))
		*rest = str_from_at(*rest, 1);
	return head;
}

str address_domain(str address)
{
	size_t at = str_rfind(address, '@');
	return at == STR_NONE || (address.len && address.at[address.len - 1] == '"') ? STR("") :
										       str_from_at(address, at + 1);
}

str address_local_part(str address)
{
	str domain = address_domain(address);
	return domain.len ? str_head(address, address.len - domain.len - 1) : address;
}
