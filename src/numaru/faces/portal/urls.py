"""Addresses of the portal, all under ``/my/``. Those of a subscription carry its number, which gives nothing by itself."""

from __future__ import annotations

from django.urls import path

from numaru.faces.portal import ask, bills, consents, door, me, messages, push, stop, use

app_name = "portal"
urlpatterns = [
    path("", bills.home, name="home"),
    path("sign-in/", door.sign_in, name="sign-in"),
    path("sign-out/", door.sign_out, name="sign-out"),
    path("stay/", door.stay, name="stay"),
    path("start/", door.start, name="start"),
    path("start/<str:code>/", door.start, name="start-with"),
    path("preferences/", door.prefer, name="prefer"),
    path("me/", me.me, name="me"),
    path("me/password/", me.password, name="password"),
    path("me/sessions/end/", me.end_session, name="end-others"),
    path("me/sessions/<int:session>/end/", me.end_session, name="end-session"),
    path("me/requests/", me.ask, name="raise"),
    path("me/requests/<str:request_number>/withdraw/", me.withdraw, name="withdraw"),
    path("messages/", messages.messages, name="messages"),
    path("messages/<str:message_number>/", messages.message, name="message"),
    path("consents/", consents.home, name="consents"),
    path("consents/agree/", consents.agree, name="agree"),
    path("consents/say/", consents.say, name="say"),
    path("consents/texts/<str:key>/<int:number>/", consents.text, name="consent-text"),
    path("stop/<str:token>/", stop.stop, name="stop"),
    path("push/", push.subscribe, name="push"),
    path("push/end/", push.end, name="push-end"),
    path("worker.js", push.worker, name="worker"),
    path("help/", ask.helped, name="help"),
    path("ask/", ask.ask, name="ask"),
    path("<str:number>/", bills.bill, name="bill"),
    path("<str:number>/use/", use.use, name="use"),
    path("<str:number>/bills/<str:invoice>/", bills.invoice, name="invoice"),
    path("<str:number>/bills/<str:invoice>/pdf", bills.pdf, name="pdf"),
]
