// The portal's service worker: shows the title of a push, and a press on it opens the message. It keeps nothing and answers no request of a page.

self.addEventListener('push', (event) => {
  let told = {};
  try { told = event.data?.json() ?? {}; } catch { /* a push without words */ }
  const number = /^M-[0-9]+$/.test(told.n ?? '') ? told.n : '';
  const words = told.l === 'en' ? 'There is a new message. Press to read it.' : '새 메시지가 있습니다. 누르면 볼 수 있습니다.';
  event.waitUntil(self.registration.showNotification(String(told.t ?? words), {
    body: String(told.b ?? words), lang: told.l === 'en' ? 'en' : 'ko', tag: number || 'numaru', data: { path: number ? `/my/messages/${number}/` : '/my/messages/' },
  }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const wanted = new URL(event.notification.data?.path ?? '/my/messages/', self.location.origin).href;
  event.waitUntil((async () => {
    const open = await self.clients.matchAll({ type: 'window' });
    const there = open.find((one) => one.url === wanted);
    await (there ? there.focus() : self.clients.openWindow(wanted));
  })());
});
