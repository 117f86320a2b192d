"""The words and domains that determine the kind of a mailbox."""

from __future__ import annotations

__all__ = ["DISPOSABLE", "FREE", "NOT_OWN_SITES", "POPULAR", "REAL", "ROLES", "SLIPPED_ENDINGS"]

# RFC 2142 and what DACH companies use. Only mailboxes that several people read.
ROLES = frozenset(
    """abuse accounting accounts admin administrator angebot anfrage anfragen bestellung bestellungen bewerbung
    billing buchhaltung careers contact customerservice datenschutz einkauf empfang finance firma hallo hello
    help helpdesk hostmaster hr info information invoice invoices jobs karriere kontakt kundendienst
    kundenservice kundenbetreuung leitung mail mailbox marketing news newsletter no-reply noc noreply donotreply
    do-not-reply office orders personal personalabteilung post postmaster praxis presse press privacy purchasing
    rechnung rechnungen reception redaktion root sales security sekretariat service shop support team technik
    verkauf vertrieb verwaltung webmaster welcome zentrale""".split()
)

# The largest free mail providers, worldwide and in German-speaking countries.
FREE = frozenset(
    """gmail.com googlemail.com outlook.com outlook.de outlook.at outlook.fr outlook.es outlook.it hotmail.com
    hotmail.de hotmail.at hotmail.ch hotmail.fr hotmail.it hotmail.es hotmail.co.uk live.com live.de live.at
    live.fr live.nl live.co.uk msn.com yahoo.com yahoo.de yahoo.at yahoo.ch yahoo.fr yahoo.it yahoo.es
    yahoo.co.uk yahoo.co.in yahoo.in yahoo.co.jp yahoo.com.br ymail.com rocketmail.com myyahoo.com icloud.com
    me.com mac.com aol.com aol.de gmx.de gmx.net gmx.at gmx.ch gmx.com gmx.org gmx.eu gmx.info gmx.biz web.de
    email.de t-online.de freenet.de arcor.de mail.de posteo.de posteo.net mailbox.org online.de vodafone.de
    vodafonemail.de unitybox.de kabelmail.de ewe.net ewetel.net netcologne.de magenta.de 1und1.de online.home.de
    directbox.com aon.at a1.net chello.at kabsi.at inode.at utanet.at liwest.at bluewin.ch sunrise.ch hispeed.ch
    bluemail.ch swissonline.ch gmx.li mail.com email.com usa.com proton.me protonmail.com protonmail.ch pm.me
    tutanota.com tutanota.de tuta.io tuta.com tutamail.com hey.com fastmail.com fastmail.fm zoho.com
    zohomail.com yandex.com yandex.ru ya.ru mail.ru bk.ru list.ru inbox.ru rambler.ru qq.com 163.com 126.com
    yeah.net sina.com sohu.com foxmail.com naver.com daum.net hanmail.net rediffmail.com orange.fr wanadoo.fr
    free.fr sfr.fr laposte.net neuf.fr bbox.fr libero.it virgilio.it tiscali.it alice.it tin.it tim.it ziggo.nl
    kpnmail.nl planet.nl hetnet.nl home.nl xs4all.nl telenet.be skynet.be proximus.be btinternet.com sky.com
    virginmedia.com ntlworld.com talktalk.net blueyonder.co.uk comcast.net verizon.net att.net sbcglobal.net
    bellsouth.net cox.net charter.net earthlink.net rogers.com shaw.ca sympatico.ca bigpond.com optusnet.com.au
    uol.com.br bol.com.br terra.com.br wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz azet.sk freemail.hu
    citromail.hu abv.bg telia.com online.no luukku.com""".split()
)

# Inboxes that anyone can read, or that vanish; a short list.
DISPOSABLE = frozenset(
    """10minutemail.com 10minutemail.net 20minutemail.com 33mail.com anonbox.net byom.de discard.email
    dispostable.com einrot.com emailondeck.com fakeinbox.com fakemail.net getairmail.com getnada.com grr.la
    guerrillamail.com guerrillamail.de guerrillamail.net guerrillamail.org guerrillamailblock.com
    harakirimail.com inboxkitten.com jetable.org mail-temp.com mail.tm mailcatch.com maildrop.cc mailinator.com
    mailinator.net mailnesia.com mailnull.com mailpoof.com mailsac.com mintemail.com mohmal.com mvrht.net
    mytemp.email nada.email nowmymail.com sharklasers.com shieldemail.com sofort-mail.de spam4.me spambog.com
    spambog.de spamgourmet.com temp-mail.io temp-mail.org tempail.com tempmail.com tempmail.de tempmail.net
    tempmailo.com tempr.email throwawaymail.com trash-mail.com trash-mail.de trashmail.com trashmail.de
    trashmail.me trashmail.net trbvm.com wegwerfemail.com wegwerfemail.de wegwerfmail.de wegwerfmail.info
    wegwerfmail.net wegwerfmail.org yopmail.com yopmail.fr yopmail.net zeroe.net""".split()
)

# What people mean by a typo; short names (gmx.de, web.de) are too close to too many real domains.
POPULAR = (
    "gmail.com googlemail.com hotmail.com hotmail.de outlook.com outlook.de yahoo.com yahoo.de icloud.com t-online.de "
    "freenet.de bluewin.ch protonmail.com"
).split()
# Real domains that are one or two keystrokes away from a popular one.
REAL = frozenset(
    "gmal.com ymail.com email.com mail.com weg.de cloud.com yahoo.net freenet.com hotmail.net outlook.net".split()
)
# Top-level domains that don't exist, or are almost never meant after a popular name.
SLIPPED_ENDINGS = frozenset("con cmo co om cm comm ocm vom cim coom xom ccom con.de ed dee d de.de".split())

# A page there is not the company's own domain.
NOT_OWN_SITES = frozenset(
    """facebook.com instagram.com linkedin.com xing.com twitter.com x.com youtube.com tiktok.com google.com
    sites.google.com linktr.ee pinterest.com github.com medium.com""".split()
)
