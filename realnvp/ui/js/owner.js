// The cookie by which the server knows this browser again. It holds a random token and nothing else.

const SECONDS = 400 * 24 * 3600; // browsers keep no cookie for longer

export class Owner {
  update({ cookie, owner }) {
    const found = document.cookie.split("; ").find((part) => part.startsWith(`${cookie}=`));
    const kept = found?.slice(cookie.length + 1) || owner;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${cookie}=${kept}; Path=/; Max-Age=${SECONDS}; SameSite=Lax${secure}`;
    if (kept !== owner && kept !== this.told) this.component.setTriggerValue("found", kept);
    this.told = kept;
  }

  remove() {}
}
