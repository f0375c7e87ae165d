"""Texts that become a script, markup or an address that runs where they are not kept as texts.

All that run call alert(), which a page in the tests tells of.
"""

MARKUP = (
    "<script>alert(1)</script>",
    "</title></style></textarea></script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus=alert(1) autofocus tabindex=1 x='",
    '" style="animation-name:x" onanimationstart="alert(1)" x="',
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><script>alert&#40;1)</script></svg>",
    '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=alert(1)&gt;'>",
    "<template shadowrootmode=open><img src=x onerror=alert(1)></template>",
    "<archive-ask endpoint='javascript:alert(1)'></archive-ask>",
    "<form action=javascript:alert(1)><button id=input>x</button></form>",
    "<base href=javascript:alert(1)//>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href='data:text/css,*{color:red}'>",
    "&lt;img src=x onerror=alert(1)&gt;",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "{name}{n}{quoted}{constructor}{__proto__}",
    "]]><script>alert(1)</script><![CDATA[",
    "<!--><img src=x onerror=alert(1)>-->",
    "\u202e<b>elttit</b>\u2066",
    "\u0000<script>\u0000alert(1)</script>",
)

ADDRESSES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "\tjava\nscript:alert(1)",
    "\u0001javascript:alert(1)",
    "javascript://service.example/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:alert(1)",
    "blob:http://service.example/1",
    "file:///etc/passwd",
    "ftp://service.example/x",
    "about:blank",
    "http://",
    "https://[",
)
