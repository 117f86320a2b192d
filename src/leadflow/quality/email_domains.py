"""The words and domains that determine the kind of a mailbox."""

from __future__ import annotations

import re

__all__ = [
    "DISPOSABLE",
    "FREE",
    "FREE_ANYWHERE",
    "FREE_ENDINGS",
    "NOT_OWN_SITES",
    "NO_ENDINGS",
    "POPULAR",
    "REAL",
    "ROLES",
    "SHORT_NAMES",
    "SLIPPED_ENDINGS",
    "UK_SLIPS",
]

# RFC 2142 and what DACH companies use. Only mailboxes that several people read.
ROLES = frozenset(
    """abuse accounting accounts admin administrator angebot anfrage anfragen bestellung bestellungen bewerbung
    billing buchhaltung careers contact customerservice datenschutz einkauf empfang finance firma hallo hello
    help helpdesk hostmaster hr info information invoice invoices jobs karriere kontakt kundendienst
    kundenservice kundenbetreuung leitung mail mailbox marketing news newsletter no-reply noc noreply donotreply
    do-not-reply office orders personal personalabteilung post postmaster praxis presse press privacy purchasing
    rechnung rechnungen reception redaktion root sales security sekretariat service shop support team technik
    verkauf vertrieb verwaltung webmaster welcome zentrale
    accueil achats administratie amministrazione biuro commercial comercial compras comptabilite contacto contatti
    contabilidad enquiries enquiry facturacion inkoop klantenservice ordini segreteria sekretariaat ufficio
    vendite ventas ventes verkoop""".split()
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
    citromail.hu abv.bg telia.com online.no luukku.com
    aol.net games.com love.com wow.com verizon.net optonline.net frontier.com frontiernet.net windstream.net
    juno.com netzero.net mindspring.com centurylink.net q.com roadrunner.com rr.com twc.com suddenlink.net
    gmail.co.uk live.com.mx prodigy.net.mx telus.net videotron.ca bell.net eastlink.ca cogeco.ca
    iinet.net.au tpg.com.au internode.on.net westnet.com.au dodo.com.au xtra.co.nz slingshot.co.nz
    mweb.co.za webmail.co.za telkomsa.net vodamail.co.za
    tiscali.co.uk talk21.com btopenworld.com plus.net o2.co.uk virgin.net mail.com.uk eircom.net indigo.ie
    aliceadsl.fr club-internet.fr numericable.fr cegetel.net voila.fr caramail.com gmx.fr mailo.com noos.fr dbmail.com
    aruba.it email.it fastwebnet.it inwind.it iol.it poste.it teletu.it vodafone.it katamail.com
    telefonica.net terra.es ono.com orange.es movistar.es ya.com wanadoo.es
    sapo.pt mail.pt clix.pt netcabo.pt iol.pt portugalmail.pt
    casema.nl chello.nl quicknet.nl upcmail.nl tele2.nl solcon.nl caiway.nl zeelandnet.nl versatel.nl zonnet.nl
    scarlet.be pandora.be voo.be belgacom.net
    post.lu pt.lu internet.lu vol.at a1net.at drei.at speed.at gmx.cc eclipso.de eclipso.eu gmx.co.uk firemail.de
    t-online.com compuserve.de netcologne.com osnanet.de swbmail.de htp-tel.de kabelbw.de alice-dsl.net
    alice.de o2online.de o2mail.de freenet.at smart-mail.de emailn.de mail.ch quickline.ch bluewin.com
    telia.se spray.se bredband.net comhem.se passagen.se tele2.se glocalnet.net
    mail.dk ofir.dk jubii.dk stofanet.dk youmail.dk webspeed.dk get2net.dk
    broadpark.no frisurf.no c2i.net start.no kolumbus.fi elisanet.fi saunalahti.fi suomi24.fi pp.inet.fi welho.com
    tlen.pl gazeta.pl interia.eu interia.com vp.pl op.pl poczta.onet.pl poczta.fm buziaczek.pl autograf.pl go2.pl
    email.cz post.cz volny.cz atlas.cz tiscali.cz post.sk zoznam.sk pobox.sk centrum.sk szm.sk
    t-online.hu indamail.hu vipmail.hu mailbox.hu dir.bg mail.bg otenet.gr forthnet.gr in.gr windowslive.com
    siol.net net.hr inet.hr mail.ee hot.ee inbox.lv inbox.lt one.lt apollo.lv delfi.lv
    ukr.net i.ua meta.ua bigmir.net tut.by list.by internet.ru narod.ru
    walla.com walla.co.il bezeqint.net netvision.net.il 012.net.il mynet.com ttmail.com superonline.com
    sina.cn 139.com 189.cn aliyun.com tom.com 21cn.com vip.163.com vip.qq.com nate.com kakao.com docomo.ne.jp
    ezweb.ne.jp softbank.ne.jp nifty.com ybb.ne.jp i.softbank.jp yahoo.ne.jp biglobe.ne.jp ocn.ne.jp
    ig.com.br globo.com globomail.com r7.com zipmail.com.br fibertel.com.ar ciudad.com.ar arnet.com.ar speedy.com.ar
    vtr.net une.net.co etb.net.co indiatimes.com sify.com
    duck.com privaterelay.appleid.com mozmail.com relay.firefox.com simplelogin.com simplelogin.io slmail.me aleeas.com
    anonaddy.me anonaddy.com addy.io passmail.net passinbox.com passmail.com skiff.com startmail.com runbox.com
    mailfence.com ctemplar.com disroot.org riseup.net lavabit.com hushmail.com hush.com cock.li kolabnow.com
    countermail.com keemail.me tutanota.at mailbox.com posteo.at posteo.eu posteo.me protonmail.de
    marketplace.amazon.de marketplace.amazon.com members.ebay.com members.ebay.de""".split()
)

# Brands of free mail that have a domain in nearly every country: hotmail.se, live.ca, yahoo.com.au, aol.co.uk.
FREE_ANYWHERE = frozenset("hotmail live outlook msn yahoo ymail rocketmail aol gmx googlemail yandex icloud".split())
FREE_ENDINGS = re.compile(r"com|net|org|(?:com?\.)?(?!c[mo]\b|om\b|ed\b|dw\b|fe\b)[a-z]{2}")

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
    "gmail.com googlemail.com hotmail.com hotmail.de hotmail.co.uk hotmail.fr hotmail.it hotmail.es outlook.com "
    "outlook.de outlook.fr yahoo.com yahoo.de yahoo.co.uk yahoo.fr yahoo.it yahoo.es icloud.com t-online.de freenet.de "
    "bluewin.ch protonmail.com orange.fr wanadoo.fr laposte.net btinternet.com comcast.net sbcglobal.net verizon.net"
).split()
# Of these only a slipped ending is doubted.
SHORT_NAMES = {"gmx": "de", "web": "de", "aol": "com", "live": "com", "mail": "com", "msn": "com", "me": "com"}
# Real domains that are one or two keystrokes away from a popular one.
REAL = frozenset(
    """gmal.com ymail.com email.com mail.com weg.de cloud.com yahoo.net freenet.com hotmail.net outlook.net orange.com
    orange.de range.fr grange.fr verizon.com comcast.com outlook.org mail.de""".split()
)
# Top-level domains that don't exist, or are almost never meant after a popular name.
SLIPPED_ENDINGS = frozenset(
    """con cmo co om cm comm ocm vom cim coom xom ccom con.de ed dee d de.de
    cpm cin cok fom dom clm cop cmm come comn comp cpom coma cxm ckm c com.com con.com cvom cimm coml comj conm
    dw deu dr.de fe dfe dce""".split()
)
# Of these, none is a top-level domain: whoever wrote acme.con meant acme.com.
NO_ENDINGS = frozenset("con cmo ocm cpm vom xom cim conm coom ccom comm".split())
UK_SLIPS = frozenset("couk co.k co.u uk.co cou.k col.uk co.ik co.uk.com c.uk cuk co.ukk coo.uk con.uk c0.uk".split())

# A page there is not the company's own domain.
NOT_OWN_SITES = frozenset(
    """facebook.com instagram.com linkedin.com xing.com twitter.com x.com youtube.com tiktok.com google.com
    sites.google.com linktr.ee pinterest.com github.com medium.com""".split()
)
