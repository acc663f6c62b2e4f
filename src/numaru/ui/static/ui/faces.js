// A subscriber's portal opens in a window of a phone's size; without script, or where windows are shut, in this tab.
document.addEventListener('submit', (event) => {
  const form = event.target.closest('form[data-phone]');
  if (!form) return;
  const phone = window.innerWidth > 767 && window.open('', 'phone', 'popup,width=390,height=844');
  if (phone) form.target = 'phone'; else form.removeAttribute('target');
});
