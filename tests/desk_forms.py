#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same few complaints in every shape that programs and people give them: whatever the wrapping, the language or the
mail server, `quell-desk read` must find the same address, mail and class.

usage: desk_forms.py QUELL-DESK CASES [--every N] [WORD...]

CASES is tests/case/desk-read, for its desk.conf; complaints with a point of their own lie there. With WORDs only shapes
whose name contains one are read, with --every only one in N.
"""
import argparse
import base64
import gzip
import io
import json
import pathlib
import quopri
import sys
import tempfile
import textwrap
import zipfile

import desk_read

AT = "Sun, 25 Oct 2026 10:05:00 +0000"
CHAIN = f"""\
Received: from web1.example (web1.example [192.0.2.10])
\tby mx.reader.test (Postfix) with ESMTPS id 4F1
\tfor <bob@reader.test>; {AT}
Received: from apache by web1.example with local (Exim 4.96)
\t(envelope-from <shop@web1.example>)
\tid 1xHwqb-0002p2-1o
\tfor bob@reader.test; Sun, 25 Oct 2026 10:04:00 +0000
"""
FIELDS = """\
From: Shop <shop@web1.example>
To: bob@reader.test
Subject: Cheap watches
Date: Sun, 25 Oct 2026 10:04:00 +0000
Message-ID: <E1xHwqb-0002p2-1o@web1.example>
"""
MAIL = f"{CHAIN}{FIELDS}\nBuy.\n"
OURS = {"source_ip": "192.0.2.10", "hop_ip": "192.0.2.10", "verdict": "ours", "sender": "shop@web1.example",
        "recipient": "bob@reader.test", "subject": "Cheap watches", "date": "2026-10-25T10:04:00Z",
        "message_id": "E1xHwqb-0002p2-1o@web1.example"}
AGREED = OURS | {"confidence": "border+field"}
DATED = AGREED | {"arrival": "2026-10-25T10:05:00Z"}
CLAIM = {"source_ip": "192.0.2.10", "verdict": "claim-only", "confidence": "claimed"}
NAMED = {"source_ip": "192.0.2.10", "verdict": "claim-only", "confidence": "weak"}

PLAIN, UTF8, HTML = "Content-Type: text/plain\n", "Content-Type: text/plain; charset=utf-8\n", "Content-Type: text/html\n"
REPORT, RFC822 = "Content-Type: message/feedback-report\n", "Content-Type: message/rfc822\n"
STANDARD = "multipart/report; report-type=feedback-report"
ARF = "Feedback-Type: abuse\nUser-Agent: Gen/1\nVersion: 1\n"
SOURCE = "Source-IP: 192.0.2.10\n"


def mail(head, body, sender="bob@reader.test", subject="spam from you", to="abuse@desk.example", more=""):
    """A mail that reached the desk; subject may be any text."""
    subject = subject if subject.isascii() else f"=?utf-8?B?{base64.b64encode(subject.encode()).decode()}?="
    return ("Received: from mail.reader.test (mail.reader.test [203.0.113.9])\n\tby mx.desk.example (Postfix) with ESMTP id AB12\n"
            f"\tfor <abuse@desk.example>; Sun, 25 Oct 2026 10:30:00 +0000\nFrom: {sender}\nTo: {to}\nSubject: {subject}\n"
            f"Date: Sun, 25 Oct 2026 10:29:00 +0000\nMessage-ID: <c1@reader.test>\n{more}MIME-Version: 1.0\n{head}\n{body}")


def multi(kind, *parts, boundary="b0undary"):
    """Head and body of a multipart of (head, body) parts."""
    kind, _, parameters = kind.partition(";")
    body = "".join(f"--{boundary}\n{head}\n{text}\n" for head, text in parts)
    return f'Content-Type: {kind}; boundary="{boundary}"{";" * bool(parameters)}{parameters}\n', f"{body}--{boundary}--\n"


def base64_of(content):
    return base64.encodebytes(content.encode() if isinstance(content, str) else content).decode()


def attached(name, content, kind="application/octet-stream"):
    return (f'Content-Type: {kind}; name="{name}"\nContent-Disposition: attachment; filename="{name}"\n'
            "Content-Transfer-Encoding: base64\n", base64_of(content))


def quoted_printable(text):
    return quopri.encodestring(text.encode()).decode()


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def wanted(*items, kind="spam", **more):
    return {"class": kind, "items": list(items)} | more


# --- feedback reports -------------------------------------------------------

def arf(*parts, kind=STANDARD, **more):
    return mail(*multi(kind, *parts), **more)


def feedback_reports():
    intro, report, enclosed = (PLAIN, "A report."), (REPORT, ARF + SOURCE), (RFC822, MAIL)
    passed_on = arf(intro, (REPORT, f"{ARF}{SOURCE}Incidents: 7\n"), enclosed, sender="fbl@isp.test").replace("b0undary", "inner")
    seven = wanted(AGREED | {"weight": 7}, feedback_type="abuse", reporter={"address": "fbl@isp.test"})
    inner = multi(STANDARD, intro, report, enclosed, boundary="inner")
    yield "parts reversed", arf(report, enclosed, intro), wanted(AGREED)
    yield "CR LF", arf(intro, report, enclosed).replace("\n", "\r\n"), wanted(AGREED)
    yield "no report-type, report in a text", arf(intro, (PLAIN, ARF + SOURCE), enclosed, kind="multipart/mixed"), wanted(AGREED)
    yield "report in quoted-printable", arf(intro, (f"{REPORT}Content-Transfer-Encoding: quoted-printable\n",
                                                    f"{ARF}Source-IP: 192.0.=\n2.10\n"), enclosed), wanted(AGREED)
    yield "mail in base64", arf(intro, report, (f"{RFC822}Content-Transfer-Encoding: base64\n", base64_of(MAIL))), wanted(AGREED)
    yield "headers only", arf(intro, report, ("Content-Type: text/rfc822-headers\n", CHAIN + FIELDS)), wanted(AGREED)
    yield "below a list's footer", mail(*multi("multipart/mixed", inner, (PLAIN, "_____\nlist"))), wanted(AGREED)
    yield "passed on", mail(*multi("multipart/mixed", (PLAIN, "please handle"), (RFC822, passed_on)), sender="noc@up.test"), seven
    yield "passed on as a file", mail(*multi("multipart/mixed", intro, attached("r.eml", passed_on)), sender="noc@up.test"), seven
    yield "nothing enclosed", arf(intro, report), wanted(CLAIM | {"hop_ip": None})
    yield "address in the subject only", arf(intro, (REPORT, ARF), (RFC822, FIELDS), subject="Report for IP 192.0.2.10"), \
        wanted(CLAIM | {"source_from": "subject"})
    yield "pasted as text", mail(PLAIN, f"Dear abuse,\n\n{ARF}{SOURCE}Original-Mail-From: shop@web1.example\n\nBye.\n"), \
        wanted(CLAIM | {"sender": "shop@web1.example"}, feedback_type="abuse")
    yield "unregistered type", arf(intro, (REPORT, ARF.replace("abuse", "spam-complaint") + SOURCE), enclosed), wanted(AGREED)
    yield "upper case", arf(intro, (REPORT.upper(), (ARF + SOURCE).upper()), enclosed), wanted(AGREED)
    yield "blank before colons", arf(intro, (REPORT, (ARF + SOURCE).replace(":", " :")), enclosed), wanted(AGREED)
    yield "xarf without its JSON", arf(intro, (REPORT, ARF.replace("abuse", "xarf") + SOURCE), enclosed), wanted(AGREED)
    for source in ("[192.0.2.10]", "192.0.2.10 (web1.example)", "192.0.2.10:2525", "::ffff:192.0.2.10", "192.0.2.10/32"):
        yield f"source {source}", arf(intro, (REPORT, f"{ARF}Source-IP: {source}\n"), enclosed), wanted(AGREED)
    for date in ("Sunday, October 25, 2026 10:05:00 AM GMT", "2026-10-25 10:05:00 UTC", "2026-10-25T12:05:00+02:00", "1792922700",
                 "Sun, 25 Oct 26 06:05:00 EDT", "Sun Oct 25 10:05:00 2026", "25 Oct 2026 11:05:00 +0100 (CET)",
                 "2026-10-25T10:05:00.123Z", "Воскресенье, 25 октября 2026, 13:05 +03:00"):
        yield f"date {date}", arf(intro, (REPORT, f"{ARF}{SOURCE}Arrival-Date: {date}\n"), enclosed), wanted(DATED)


# --- XARF --------------------------------------------------------------------

YAML = f"""\
Reported-From: f2b@reader.test
Category: abuse
Report-Type: spam
Version: 0.2
User-Agent: f2b
Date: {AT}
Source-Type: ip-address
Source: 192.0.2.10
Report-ID: 77@reader.test
"""
V3 = {"Version": "3", "ReporterInfo": {"ReporterOrgEmail": "reports@trap.test"},
      "Report": {"ReportType": "Spam", "Date": "2026-10-25T10:05:00Z", "SourceIp": "192.0.2.10", "DestinationIp": "203.0.113.25",
                 "Samples": [{"ContentType": "message/rfc822", "Base64Encoded": False, "Payload": MAIL}]}}
V4 = {"xarf_version": "4.2.0", "report_id": "r-1", "timestamp": "2026-10-25T10:05:00Z", "source_identifier": "192.0.2.10",
      "reporter": {"org": "R", "contact": "abuse@reader.test", "domain": "reader.test"}, "category": "messaging", "type": "spam",
      "evidence": [{"content_type": "message/rfc822", "payload": base64.b64encode(MAIL.encode()).decode()}]}


def far_from_the_standard():
    third = arf((PLAIN, "r"), (REPORT, ARF + SOURCE), attached("mail.txt", MAIL, "text/plain"))
    yield "mail as a text file", third, wanted(AGREED)
    broken = f"{CHAIN}{FIELDS}".replace("with ESMTPS", "(version=3DTLS1_3) with ESMTPS").replace("192.0.2.10", "192.=\n0.2.10").replace("\t", "=09")
    yield "transferred source, pasted", mail(PLAIN, f"I copied the source:\n\n{broken}"), wanted(OURS)
    bold = f"{CHAIN}{FIELDS}"
    for name in ("Received", "From", "To", "Subject", "Date", "Message-ID"):
        bold = bold.replace(f"{name}:", f"*{name}:*")
    yield "bold names of fields", mail(PLAIN, bold), wanted(OURS)
    rows = "192.0.2.10/32;2026-10-25;spam\n2001:db8:1::7/128;2026-10-25;spam\n192.0.2.0/24;2026-10-25;neighbours\n"
    yield "networks of one address", mail(PLAIN, rows, subject="Your daily blacklist digest"), \
        wanted({"source_ip": "192.0.2.10"}, {"source_ip": "2001:db8:1::7"}, kind="blocklist")
    counters = "[ SpamCop V4.8.1 Summary ]\n\n192.0.2.10\n  Oct 25 10h/0 trap:3 user:1 mole:0 simp:2\n192.0.2.11\n  Oct 25 10h/0 trap:1\n"
    yield "counters below the address", mail(PLAIN, counters, sender="summaries@admin.spamcop.net", subject="[SpamCop] summary"), \
        wanted({"source_ip": "192.0.2.10", "weight": 6}, {"source_ip": "192.0.2.11", "weight": 1})
    relays = received(f"from relay1.example (relay1.example [192.0.2.66])\n by mx.reader.test (Postfix) with ESMTPS id 1; {AT}",
                      f"from relay2.example ([192.0.2.67])\n by relay1.example with esmtps (Exim 4.96)\n id 1xHwqb-0002p2-1o; {AT}",
                      f"from web1.example ([192.0.2.10]:2222 helo=web1.example)\n by relay2.example with esmtps (Exim 4.96)\n id 1xHwqb-0002p2-2o; {AT}")
    yield "a relay behind a relay", relays, wanted({"hop_ip": "192.0.2.66", "network": "web1.example"})
    ident = f"from x (a [192.0.2.10] b@bot.test [203.0.113.77])\n by mx.reader.test (8.15.2/8.15.2) with ESMTP id 1; {AT}"
    yield "our address in an ident", received(ident), wanted({"hop_ip": "203.0.113.77", "verdict": "not-ours"})


def xarf():
    for name, text in {"plain": YAML, "quoted": YAML.replace("192.0.2.10", '"192.0.2.10"'), "document mark": f"---\n{YAML}",
                       "single quotes": YAML.replace(" spam", " 'spam'").replace("192.0.2.10", "'192.0.2.10'")}.items():
        for kind in ("text/plain; name=report.txt", "application/x-yaml; name=report.yaml", "application/octet-stream; name=r.yml"):
            yield f"YAML {name}, {kind}", mail(*multi("multipart/mixed", (PLAIN, "x"), (f"Content-Type: {kind}\n", text), (RFC822, MAIL))), \
                wanted(DATED, format="xarf-mail-0.2")
    yield "YAML in running text", mail(PLAIN, f"Hello,\n\n{YAML}\nbye\n"), wanted(CLAIM, format="xarf-mail-0.2")
    v3, v4 = json.dumps(V3, indent=1), json.dumps(V4)
    one = {"Payload": base64.b64encode(MAIL.encode()).decode(), "Base64Encoded": True}
    shapes = {
        "file": v3, "byte order mark": "\ufeff" + v3, "number as version": json.dumps(V3 | {"Version": 3}),
        "only body": mail("Content-Type: application/json\n", v3), "in a text part": mail(*multi("multipart/mixed", (PLAIN, "x"), (PLAIN, v3))),
        "in running text": mail(PLAIN, f"Dear team,\n\n{v3}\n\nThanks\n"), "octets": mail(*multi("multipart/mixed", (PLAIN, "x"), attached("r.json", v3))),
        "behind other JSON": mail(*multi("multipart/mixed", attached("meta.json", '{"a": 1}'), attached("xarf.json", v4))),
        "one sample": json.dumps(V3 | {"Report": V3["Report"] | {"Samples": None, "Sample": one}}),
        "attachment": json.dumps(V3 | {"Report": {"ReportType": "Spam", "Date": "2026-10-25T10:05:00Z", "Source": {"IP": "192.0.2.10"},
                                                  "Attachment": [{"Data": one["Payload"]}]}}),
        "v4": v4, "v4 network": json.dumps(V4 | {"source_identifier": "192.0.2.10/32"}), "v4 bulk": json.dumps(V4 | {"type": "bulk-messaging"}),
        "v4 mail beside": arf((PLAIN, "x"), (REPORT, ARF.replace("abuse", "xarf")), attached("xarf.json", json.dumps(V4 | {"evidence": []})), (RFC822, MAIL)),
    }
    for name, data in shapes.items():
        yield f"JSON {name}", data, wanted(DATED)
    yield "JSON list", json.dumps([V4, V4 | {"source_identifier": "192.0.2.11", "evidence": []}]), wanted(DATED, CLAIM | {"source_ip": "192.0.2.11"})
    yield "JSON cut off", mail(*multi("multipart/mixed", (PLAIN, "spam from 192.0.2.10"), attached("xarf.json", v4[:200]))), \
        wanted(NAMED, degraded=["json-unreadable"])


# --- SpamCop -----------------------------------------------------------------

def spamcop():
    intro = "[ SpamCop V5.4.0 ]\nThis message is brief for your comfort.\n\n"
    line = f"Email from 192.0.2.10 / {AT}\nhttps://www.spamcop.example/w3m?i=z1\n\n"
    whole = f"{intro}{line}[ Offending message ]\n{MAIL}"
    sent = {"sender": "71@reports.spamcop.net", "subject": "[SpamCop (192.0.2.10) id:71]Cheap watches"}
    good = wanted(DATED, format="spamcop")
    yield "plain", mail(PLAIN, whole, **sent), good
    yield "quoted-printable", mail(f"{PLAIN}Content-Transfer-Encoding: quoted-printable\n", quoted_printable(whole), **sent), good
    yield "HTML by a gateway", mail(HTML, "<div>EXTERNAL</div><p>" + escaped(whole).replace("\n", "<br>\n") + "</p>", subject="[EXT] spam"), good
    yield "quoted", mail(PLAIN, textwrap.indent(whole, "> "), sender="noc@up.test", subject="Re: spam"), good
    yield "mail enclosed", mail(*multi("multipart/mixed", (PLAIN, line), (RFC822, MAIL)), **sent), good
    yield "passed on", mail(*multi("multipart/mixed", (PLAIN, "x"), (RFC822, mail(PLAIN, whole, **sent))), sender="noc@up.test"), good
    yield "two digits of a year", mail(PLAIN, whole.replace("Oct 2026 10:05", "Oct 26 10:05", 1), **sent), good
    yield "advertised site", mail(PLAIN, f"{intro}Spamvertised web site: http://s.example/\nhttps://x.example/\nhttp://s.example/ is 192.0.2.10; "
                                  f"{AT}\n\n[ Offending message ]\n{MAIL.replace('192.0.2.10', '198.51.100.200')}",
                                  sender=sent["sender"], subject="[SpamCop (http://s.example/) id:71]x"), wanted(CLAIM, kind="other")


# --- people ------------------------------------------------------------------

def people():
    hello = "Hello,\n\nI got this spam from you:\n\n"
    rows = "".join(f"<tr><td>{escaped(line)}</td></tr>" for line in MAIL.splitlines())
    divs = "".join(f"<div>{escaped(line)}</div>".replace("\t", "&nbsp;&nbsp;") for line in MAIL.splitlines())
    texts = {
        "plain": MAIL, "folds flowed": MAIL.replace("\n\t", " \n"), "folds lost": MAIL.replace("\n\t", "\n"),
        "folds with other blanks": MAIL.replace("\t", "\u00a0\u00a0"), "indented": textwrap.indent(MAIL, "    "),
        "indented by tabs": textwrap.indent(MAIL, "\t"), "bars": textwrap.indent(MAIL, "| "), "quoted twice": textwrap.indent(MAIL, ">> "),
        "fenced": f"```\n{MAIL}```\n", "between lines": f"--- headers ---\n{CHAIN}{FIELDS}--- end ---\n", "lower case": MAIL.replace("Received", "received"),
    }
    for name, text in texts.items():
        yield f"pasted {name}", mail(UTF8, hello + text), wanted(OURS)
    for charset in ("iso-8859-15", "windows-1252", "utf-16le", "utf-7"):
        head = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: base64\n"
        yield f"pasted in {charset}", mail(head, base64_of(("Voilà:\n\n" + MAIL).encode(charset))), wanted(OURS)
    for name, page in {"table": f"<table>{rows}</table>", "lines": divs, "preformatted": f"<pre>{escaped(MAIL)}</pre>"}.items():
        yield f"pasted HTML {name}", mail(HTML, f"<p>Spam:</p>{page}"), wanted(OURS)
    yield "pasted, only in the HTML twin", mail(*multi("multipart/alternative", (PLAIN, "no text"), (HTML, f"<pre>{escaped(MAIL)}</pre>"))), wanted(OURS)
    enclosures = {
        "rfc822": (RFC822, MAIL), "eml as text": ("Content-Type: text/plain; name=S.EML\n", MAIL), "octets": attached("spam.eml", MAIL),
        "name by RFC 2231": ("Content-Type: application/octet-stream\nContent-Disposition: attachment; filename*=utf-8''d%C3%A9.eml\n", MAIL),
        "headers in a text file": attached("headers.txt", CHAIN + FIELDS), "packed": attached("spam.zip", zip_of({"spam.eml": MAIL}), "application/zip"),
    }
    for name, part in enclosures.items():
        yield f"attached {name}", mail(*multi("multipart/mixed", (PLAIN, "see the attachment"), part)), wanted(OURS)
    passed = mail(PLAIN, hello + MAIL, to="abuse@up.test")
    yield "pasted, passed on", mail(*multi("multipart/mixed", (PLAIN, "please handle"), (RFC822, passed)), sender="noc@up.test"), wanted(OURS)
    pretended = MAIL.replace("To: bob@reader.test", "To: abuse@reader.test").replace("Buy.", f"{ARF}Source-IP: 192.0.2.33\n")
    yield "spam that pretends to be a report", mail(*multi("multipart/mixed", (PLAIN, "x"), (RFC822, pretended))), \
        wanted(OURS | {"recipient": "abuse@reader.test"})
    proses = {"en": "Your server 192.0.2.10 sends spam.", "de": "Von 192.0.2.10 erhalte ich unerwünschte Werbung (Spam).", "fr": "Du spam de 192.0.2.10.",
              "defanged": "Spam from 192[.]0[.]2[.]10!", "log": "Spam: NOQUEUE: reject: RCPT from web1.example[192.0.2.10]: 554 blocked"}
    for name, text in proses.items():
        yield f"prose {name}", mail(UTF8, f"{text}\n"), wanted(NAMED)


# --- forwarded inline --------------------------------------------------------

# language: from, date, to, subject as mail programs write them
WORDS = """\
en From Sent To Subject|de Von Gesendet An Betreff|fr De Envoyé À Objet|es De Enviado_el Para Asunto|it Da Inviato A Oggetto|nl Van Verzonden Aan Onderwerp
pl Od Wysłano Do Temat|pt De Enviada_em Para Assunto|ru От Отправлено Кому Тема|ru-web От_кого Дата Кому Тема|sv Från Skickat Till Ämne|da Fra Sendt Til Emne
fi Lähettäjä Lähetetty Vastaanottaja Aihe|tr Gönderen Gönderme_Tarihi Kime Konu|tr-mac Kimden Tarih Kime Konu|cs Od Odesláno Komu Předmět
sk Od Odoslané Komu Predmet|hu Feladó Elküldve Címzett Tárgy|ro De_la Trimis Către Subiect|ro-mac Expeditorul Data Destinatarul Subiectul
hr Šalje Poslano Prima Predmet|sl Od Poslano Za Zadeva|uk Від Надіслано Кому Тема|bg От Изпратено До Относно|el Από Στάλθηκε Προς Θέμα
et Saatja Saadetud Adressaat Teema|lt Siuntėjas Išsiųsta Kam Tema|lv No Nosūtīts Kam Tēma|ca De Enviat Per_a Assumpte|he מאת נשלח אל נושא
ar من تاريخ_الإرسال إلى الموضوع|vi Từ Đã_gửi Tới Chủ_đề|th จาก ส่ง ถึง เรื่อง|id Dari Terkirim Kepada Perihal|ja 差出人 送信日時 宛先 件名
zh 发件人 发送时间 收件人 主题|zh-tw 寄件者 寄件日期 收件者 主旨|ko 보낸_사람 보낸_날짜 받는_사람 제목"""
STYLES = {
    "Outlook": (UTF8, "{f}: Shop <shop@web1.example>\n{d}: Sunday, 25 October 2026 10:04\n{t}: bob@reader.test\n{s}: Cheap watches\n\nBuy.\n"),
    "old Outlook": (UTF8, "{f}\u00a0: Shop [mailto:shop@web1.example]\n{d}\u00a0: 25 October 2026 10:04\n{t}\u00a0: 'bob@reader.test'\n{s}\u00a0: Cheap watches\n\nBuy.\n"),
    "Outlook HTML": ("Content-Type: text/html; charset=utf-8\n", "<p>x</p><p><b>{f}:</b> Shop &lt;shop@web1.example&gt;<br><b>{d}:</b> Sunday<br>"
                     "<b>{t}:</b> bob@reader.test<br><b>{s}:</b> Cheap watches</p><p>Buy.</p>"),
    "Apple Mail": (UTF8, "> Begin forwarded message:\n> \n> {f}: \"Shop\" <shop@web1.example>\n> {s}: Cheap watches\n> {d}: Sunday\n> {t}: bob@reader.test\n> \n> Buy.\n"),
    "table": ("Content-Type: text/html; charset=utf-8\n", "<table><tr><th>{s}: </th><td>Cheap watches</td></tr><tr><th>{d}: </th><td>Sunday</td></tr>"
              "<tr><th>{f}: </th><td>Shop &lt;shop@web1.example&gt;</td></tr><tr><th>{t}: </th><td>bob@reader.test</td></tr></table><p>Buy.</p>"),
    "of a forward": (UTF8, "From: Bob <bob@reader.test>\nSubject: Fwd: Cheap watches\nTo: alice@reader.test\n\n\n\n{f}: Shop <shop@web1.example>\n{d}: Sunday\n"
                     "{s}: Cheap\n watches\n{t}: bob@reader.test\n\nBuy.\n"),
}
FORWARD = {"sender": "shop@web1.example", "recipient": "bob@reader.test", "subject": "Cheap watches", "source_ip": None, "verdict": "no-ip"}


def forwards():
    for row in WORDS.replace("\n", "|").split("|"):
        language, *words = row.split()
        labels = dict(zip("fdts", (word.replace("_", " ") for word in words), strict=True))
        for style, (head, form) in STYLES.items():
            yield f"{style} {language}", mail(head, form.format(**labels), subject="spam"), wanted(FORWARD, format="fwd-inline")
    for name, line in {"en": "On Sun, 25 Oct 2026, Shop <shop@web1.example> wrote:", "fr": "Le 25 oct., Shop <shop@web1.example> a écrit :",
                       "ru": "25.10.2026, 13:04, Shop (shop@web1.example):"}.items():
        yield f"attribution {name}", mail(UTF8, f"{line}\n> Buy.\n"), wanted({"sender": "shop@web1.example"}, format="fwd-inline")


# --- Received lines ----------------------------------------------------------

LINES = {
    "Postfix": "from web1.example (web1.example [192.0.2.10])\n\tby mx.reader.test (Postfix) with ESMTPS id 4F1\n\tfor <bob@reader.test>",
    "Postfix, no name": "from x (unknown [192.0.2.10])\n\t(using TLSv1.3 with cipher X (256/256 bits)\n\t key-exchange X25519)\n\tby mx.reader.test (Postfix) with ESMTPS id 4F1",
    "Postfix, IPv6": "from x (web1.example [IPv6:2001:db8:1::5])\n\tby mx.reader.test (Postfix) with ESMTPS id 4F1",
    "Sendmail": "from x (web1.example [192.0.2.10] (may be forged))\n\tby mx.reader.test (8.15.2/8.15.2) with ESMTP id x1 for <bob@reader.test>",
    "Sendmail, ident": "from x (root@web1.example [192.0.2.10])\n\tby mx.reader.test (8.9.3/8.9.3) with SMTP id XAA1",
    "Sendmail, literal": "from [203.0.113.5] ([192.0.2.10])\n\tby mx.reader.test (8.9.3/8.9.3) with SMTP id XAA1",
    "Exim": "from web1.example ([192.0.2.10]:40123 helo=x.test)\n\tby mx.reader.test with esmtps (TLS1.3)\n\t(Exim 4.96)\n\t(envelope-from <a@b>)\n\tid 1xHwqb-0002p2-1o\n\tfor b@c",
    "Exim, no name": "from [192.0.2.10] (port=40123 helo=[203.0.113.7])\n\tby mx.reader.test with esmtp (Exim 4.96) id 1xHwqb-0002p2-1o",
    "Exim, IPv6": "from [2001:db8:1::5] (port=40123 helo=x.test)\n\tby mx.reader.test with esmtps (Exim 4.96) id 1xHwqb-0002p2-1o",
    "Exim 3, ident": "from web1.example ([192.0.2.10] ident=mail)\n\tby mx.reader.test with esmtp (Exim 3.36 #1) id 1xHwqb-0002p2-1o",
    "qmail": "from unknown (HELO x.test) (192.0.2.10)\n  by 203.0.113.9 with SMTP",
    "qmail, ident": "from web1.example (HELO x) (nobody@192.0.2.10)\n  by mx.reader.test with SMTP",
    "qmail, no HELO": "from web1.example (192.0.2.10)\n  by mx.reader.test with SMTP",
    "Exchange": "from web1.example (192.0.2.10) by mx.reader.test (10.1.2.3) with Microsoft SMTP Server id 15.1.1",
    "Exchange, IPv6": "from x (2001:db8:1::5) by\n AM.mail.reader.test (2603:10a6::1) with Microsoft SMTP\n Server (version=TLS1_2) id 15.20.1 via Frontend Transport",
    "Exchange 2003": "from web1.example ([192.0.2.10]) by mx.reader.test with Microsoft SMTPSVC(6.0.3790.1830)",
    "Gmail": "from web1.example (web1.example. [192.0.2.10])\n        by mx.reader.test with ESMTPS id q2\n        for <bob@reader.test>\n        (version=TLS1_3 cipher=X bits=256/256)",
    "Yahoo": "from 127.0.0.1  (EHLO web1.example) (192.0.2.10)\n  by mta1.reader.test with SMTPs",
    "Ecelerity": "from [192.0.2.10] ([192.0.2.10:40123] helo=x.test)\n\tby mx.reader.test (envelope-from <a@b>)\n\t(ecelerity 3.6) with ESMTPS",
    "USFamily": "from [192.0.2.10] by reader.test\n\t(USFamily MTA v5/xyz)\n\twith SMTP id <2026>",
    "USA.net": "from web1.example [192.0.2.10] by mx.reader.test via mtad (C8) with ESMTP id 1",
    "CommuniGate": "from [192.0.2.10] (HELO x.test)\n  by mx.reader.test (CommuniGate Pro SMTP 6.1)\n  with ESMTP id 5",
    "CommuniGate, named": "from web1.example ([192.0.2.10] verified)\n  by mx.reader.test (CommuniGate Pro SMTP 4) with ESMTP id 5",
    "Mimecast": "from web1.example (web1.example [192.0.2.10]) (Using\n TLS) by relay.reader.test with ESMTP id gb-mta-1",
    "Zimbra": "from web1.example (LHLO x.test) (192.0.2.10) by mx.reader.test\n with LMTP",
    "Domino": "from web1.example ([192.0.2.10])\n          by mx.reader.test (Lotus Domino Release 8.5)\n          with ESMTP id 2026",
    "Axigen": "from web1.example (192.0.2.10) by mx.reader.test (Axigen) with ESMTPS id 1",
    "port behind the bracket": "from web1.example (web1.example [192.0.2.10]:40123) by mx.reader.test with ESMTP",
    "mapped": "from web1.example (web1.example [::ffff:192.0.2.10]) by mx.reader.test with ESMTP",
    "id before by": "from web1.example ([192.0.2.10]) id 77 by mx.reader.test with esmtp",
    "semicolons": "from web1.example (web1.example [192.0.2.10])\n\t(using TLS; no cert) by mx.reader.test (Postfix; v3) with ESMTP id 1",
}
BORDER = f"from web1.example (web1.example [192.0.2.10])\n\tby {{by}} (Postfix) with ESMTPS id 4F1; {AT}"
ABOVE = {  # lines of the reporter's own side, and who wrote the line below them
    "Gmail": (["by 2002:a05:6a10:1:b0:1:2:3 with SMTP id a1csp1", "by 2002:a17:902:1:: with SMTP id q1mr"], "mx.google.com"),
    "Outlook": (["from AM0P.eurprd.prod.outlook.com (2603:10a6:208:14e::14)\n by DB7P.eurprd.prod.outlook.com with HTTPS",
                 "from DU2P.eurprd.prod.outlook.com (2603:10a6:10:231::8) by\n AM0P.eurprd.prod.outlook.com (2603:10a6:208:14e::14) with Microsoft SMTP\n Server",
                 "from DB5FT.prod.protection.outlook.com\n (2603:10a6:10:231:cafe::6a) by DU2P.outlook.office365.com\n (2603:10a6:10:231::8) with Microsoft SMTP\n Server"],
                "DB5FT.mail.protection.outlook.com"),
    "Exchange Online": (["from DM6P.prod.exchangelabs.com (2603:10b6:5:1::1) by BN6P.prod.exchangelabs.com with HTTPS",
                         "from BN8P.namprd04.prod.outlook.com (2603:10b6:408::1) by\n DM6P.prod.exchangelabs.com (2603:10b6:5:1::1) with Microsoft SMTP\n Server",
                         "from BN8F.eop-nam11.prod.protection.outlook.com\n (2603:10b6:408:4:cafe::1) by BN8P.outlook.office365.com\n (2603:10b6:408::1) with Microsoft SMTP\n Server"],
                        "BN8F.mail.protection.outlook.com"),
    "fetchmail": (["from pop.reader.test [203.0.113.30]\n\tby bobs-pc with POP3 (fetchmail-6.3.26)\n\tfor <bob@localhost> (single-drop)"], "mx.reader.test"),
    "fetchmail from our host": (["from web9.example [192.0.2.9]\n\tby bobs-pc with IMAP (fetchmail-6.3.26)"], "mx.reader.test"),
    "amavis": (["from localhost (localhost [127.0.0.1])\n\tby mx.reader.test (Postfix) with ESMTP id A1",
                "from mx.reader.test ([127.0.0.1])\n\tby localhost (mx.reader.test [127.0.0.1]) (amavisd-new, port 10024)\n\twith ESMTP id Z1"], "mx.reader.test"),
    "LMTP": (["from mx.reader.test\n\tby mail.reader.test with LMTP\n\tid ABC\n\t(envelope-from <a@b>)\n\tfor <bob@reader.test>"], "mx.reader.test"),
    "private": (["from mx1.internal (mx1.internal [10.9.8.7])\n\tby store.internal (Postfix) with ESMTP id 1"], "mx1.internal"),
    "CGNAT, ULA, link-local": (["from a (a [100.64.0.1]) by b with ESMTP", "from a2 (a2 [IPv6:fd00::1]) by a with ESMTP",
                                "from a3 (a3 [IPv6:fe80::1%eth0]) by a2 with ESMTP"], "a3"),
    "local user": (["by mx.reader.test (Postfix, from userid 65534)\n\tid ABC", "from localhost by mx.reader.test\n\twith SpamAssassin (version 3.4.6)"], "mx.reader.test"),
}


def received(*lines):
    fields = "".join(f"Received: {line if ';' in line and '2026' in line else f'{line}; {AT}'}\n" for line in lines)
    return mail(*multi("multipart/mixed", (PLAIN, "x"), (RFC822, f"{fields}{FIELDS}\nx\n")))


def chains():
    for name, line in LINES.items():
        address = "2001:db8:1::5" if "2001:db8" in line else "192.0.2.10"
        want = wanted({"hop_ip": address, "verdict": "ours", "hop_time": "2026-10-25T10:05:00Z"})
        yield f"line {name}", received(f"{line}; {AT}"), want
        yield f"line {name}, CR LF", received(f"{line}; {AT}").replace("\n", "\r\n"), want
    for name, (lines, by) in ABOVE.items():
        yield f"above the border: {name}", received(*lines, BORDER.format(by=by)), wanted({"hop_ip": "192.0.2.10", "verdict": "ours"})


# --- lists, and what is no complaint -----------------------------------------

CSV = '"timestamp","ip","port","tag"\n"2026-10-25 10:05:00","192.0.2.10",25,"a ""b"", 203.0.113.1"\n"2026-10-25 10:06:00","192.0.2.11",25,"x"\n'


def zip_of(members, method=zipfile.ZIP_DEFLATED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as file:
        for name, content in members.items():
            file.writestr(zipfile.ZipInfo(name, (2026, 10, 25, 0, 0, 0)), content, method)
    return packed.getvalue()


def feeds():
    rows = wanted({"source_ip": "192.0.2.10", "arrival": "2026-10-25T10:05:00Z"}, {"source_ip": "192.0.2.11"}, kind="feed")
    tabs = "time\tip\n2026-10-25T10:05:00Z\t192.0.2.10\n2026-10-25T10:06:00Z\t192.0.2.11\n"
    parts = {
        "CSV": ("Content-Type: text/csv; name=r.csv\n", CSV), "octets, byte order mark": attached("r.csv", "\ufeff" + CSV), "tabs": attached("r.csv", tabs),
        "remarks": attached("r.csv", "# made today\n\n" + CSV), "zip": attached("r.csv.zip", zip_of({"r.csv": CSV}), "application/zip"),
        "stored zip": attached("r.zip", zip_of({"readme.txt": "x", "r.csv": CSV}, zipfile.ZIP_STORED)),
    }
    for name, part in parts.items():
        yield f"feed {name}", mail(*multi("multipart/mixed", (PLAIN, "list"), part), sender="feed@cert.test", subject="report"), rows
    kept = {"broken zip": attached("r.zip", b"PK\3\4junk"), "gzip": attached("a!b!1!2.xml.gz", gzip.compress(b"<feedback/>", mtime=0), "application/gzip")}
    for name, part in kept.items():
        yield f"kept {name}", mail(*multi("multipart/mixed", (PLAIN, "x"), part), sender="dmarc@reader.test", subject="Report domain: web1.example"), \
            {"class": "feed", "degraded": ["packed-unread"]}


def others():
    status = ("Content-Type: message/delivery-status\n", "Reporting-MTA: dns; x\n\nAction: failed\n")
    bounces = {
        "standard": mail(*multi("multipart/report; report-type=delivery-status", (PLAIN, "550 blocked [192.0.2.10] spam"), status, (RFC822, MAIL)),
                         sender="MAILER-DAEMON@x.test"),
        "Exim": mail(PLAIN, f"could not be delivered\n\n{MAIL}", sender="x@x.test", more="X-Failed-Recipients: bob@reader.test\n"),
        "qmail": mail(PLAIN, f"Hi. This is the qmail-send program.\n\n{MAIL}", sender="MAILER-DAEMON@x.test", subject="failure notice"),
        "postmaster": mail(PLAIN, f"No such user.\n\n{MAIL}", sender="postmaster@x.test", subject="Undeliverable: Cheap"),
        "null path": mail(PLAIN, f"No such user.\n\n{MAIL}", sender="x@x.test", subject="Delivery Status Notification (Failure)", more="Return-Path: <>\n"),
    }
    for name, data in bounces.items():
        yield f"bounce {name}", data, {"class": "bounce"}
    for subject in ("Automatic reply: x", "Automatische Antwort: x", "Abwesenheitsnotiz: x", "Réponse automatique : x", "Respuesta automática: x", "Risposta automatica: x",
                    "Resposta automática: x", "Automatisch antwoord: x", "Odpowiedź automatyczna: x", "Автоматический ответ: x", "Automatická odpověď: x", "Autosvar: x",
                    "Automatisk svar: x", "自動応答: x", "自动答复: x", "Otomatik yanıt: x"):
        yield f"away {subject}", mail(UTF8, "I am away. Report spam to x@reader.test.\n", subject=subject), {"class": "auto-reply"}
    acknowledged = "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n"
    yield "acknowledgement", mail(PLAIN, "We received your spam report.\n", more=acknowledged), {"class": "auto-reply"}
    yield "generated, with headers", mail(PLAIN, f"Spam:\n\n{MAIL}", more=acknowledged), wanted(OURS)
    yield "newsletter", mail(PLAIN, "Offers! This is no spam. From 203.0.113.201\n", more="List-Unsubscribe: <https://n.test/>\nPrecedence: bulk\n"), {"class": "other"}
    yield "by our desk's mailing list", mail(PLAIN, "I get spam from you\n", more="List-Unsubscribe: <mailto:l@desk.example>\nList-Post: <mailto:l@desk.example>\n"), {"class": "spam"}
    yield "offer", mail(PLAIN, "We sell backlinks.\n", subject="offer"), {"class": "other"}
    for name, (subject, text) in {"SBL": ("SBL1 listing 192.0.2.10/32", "SBL1\nIP/cidr: 192.0.2.10/32\n"), "CBL": ("CBL listing of 192.0.2.10", "trojan"),
                                  "SNDS": ("IP blacklist status changed", "Blocked:\n192.0.2.10\n"), "digest": ("UCEPROTECT report", "ip;n\n0.0.0.0;0\n192.0.2.10;3\n")}.items():
        yield f"blocklist {name}", mail(PLAIN, text, sender="x@list.test", subject=subject), wanted({"source_ip": "192.0.2.10"}, kind="blocklist")
    yield "threat of a blacklist", mail(*multi("multipart/mixed", (PLAIN, "x"), (RFC822, MAIL)), subject="spam - blacklist soon"), wanted(OURS)
    yield "victim named too", mail(PLAIN, "Source IP: 192.0.2.10\nTarget IP: 203.0.113.80\nUDP flood\n", subject="DDoS"), wanted(NAMED, kind="other")


def shapes():
    for family in (feedback_reports, far_from_the_standard, xarf, spamcop, people, forwards, chains, feeds, others):
        for name, data, want in family():
            yield f"{family.__name__}: {name}", data if isinstance(data, bytes) else data.encode(), want


def failures_of(given, path, data, want):
    path.write_bytes(data)
    got = desk_read.Answer(given.program, given.cases, path)
    return [got.error] if got.error else desk_read.differences(want, got.complaint) + list(desk_read.bomb_failures(got, None))


def main():
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("program", type=pathlib.Path)
    given.add_argument("cases", type=pathlib.Path)
    given.add_argument("words", nargs="*")
    given.add_argument("--every", type=int, default=1)
    given = given.parse_args()
    chosen = [shape for shape in shapes() if not given.words or any(word in shape[0] for word in given.words)][::given.every]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "complaint"
        failures = {name: failures_of(given, path, data, want) for name, data, want in chosen}
    print("\n".join(f"{name}: {text}" for name, texts in failures.items() for text in texts))
    failed = sum(1 for texts in failures.values() if texts)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
