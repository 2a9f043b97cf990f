// The shop page that every tracker is put into: the same some 200 elements, client-side
// routes and data for all, so that what differs between two visits is the tracker alone.

const CATEGORIES = ["ceramics", "scents", "linen"];

/** The page with a tracker's `install` as its head's last lines. Every route serves it. */
export function shopPage(install) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Bench shop</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
<script>window.dataLayer = [];</script>
${install}
</head>
<body>
<header><a href="/" data-route id="home">Bench shop</a><nav>${CATEGORIES.map(navigation).join("")}</nav>
<form id="search" role="search"><input name="q" type="search" aria-label="Search"></form>
<span>Cart: <b id="cart">0</b></span></header>
<main></main>
<section><h2>Letter from the workshop</h2><p>Once a month, what is new.</p>
<form id="letter" autocomplete="off"><label>Name <input name="name"></label><label>Email <input id="email" name="email" type="email"></label>
<button id="subscribe">Subscribe</button></form><p id="said"></p></section>
<footer>${FOOTER.map(([href, text]) => `<p><a href="${href}">${text}</a></p>`).join("")}</footer>
<script>(${shop})(${JSON.stringify(CATEGORIES)});</script>
</body>
</html>`;
}

/** Where a visit ends: nothing on it, so that leaving the shop is all there is to measure. */
export const LEFT_PAGE = `<!doctype html><link rel="icon" href="data:,"><title>Left</title>`;

function navigation(category) {
  return `<a href="/category/${category}" data-route id="to-${category}">${category}</a>`;
}

const FOOTER = [
  ["/terms", "Terms"],
  ["/shipping", "Shipping"],
  ["/catalogue.pdf", "Catalogue"],
  ["mailto:shop@example.com", "Write to us"],
  ["tel:+97230000000", "Call us"],
  ["https://wa.me/97230000000", "WhatsApp"],
  ["https://example.com/makers", "Our makers"],
  ["https://example.org/clay", "On clay"],
];

const STYLE = `
body{margin:0;font:16px/1.5 sans-serif}
header{position:sticky;inset-block-start:0;display:flex;gap:24px;padding:12px 24px;background:#fff;border-block-end:1px solid #ccc}
nav{display:flex;gap:16px;flex:1}
main,section,footer{max-width:1080px;margin:24px auto;padding:0 24px}
.grid{display:grid;grid-template-columns:repeat(3,1fr);gap:24px}
.picture{display:block;height:220px;background:linear-gradient(#e8d8c8,#b89878)}
`;

/** Runs in the page: three kinds of route, a cart, a form. No more than a shop must have. */
function shop(categories) {
  const main = document.querySelector("main");
  const product = (category, place) => ({
    item_id: `${category.slice(0, 3).toUpperCase()}-${place}`,
    item_name: `${category} no. ${place}`,
    item_category: category,
    price: 40 + place * 5,
  });
  const card = (item) => `<article><a href="/product/${item.item_id}" data-route class="to-product">
<i class="picture"></i><h3>${item.item_name}</h3></a><p>Thrown, fired and glazed by hand.</p>
<p><b>${item.price}.00</b> <button class="add" data-item="${item.item_id}">Add to cart</button></p></article>`;
  const all = categories.flatMap((category) => [1, 2, 3, 4, 5].map((place) => product(category, place)));
  const find = (id) => all.find((item) => item.item_id === id);
  const tell = (event, items) =>
    window.dataLayer.push({ event, ecommerce: { currency: "USD", value: items[0].price, items } });

  function list(title, items) {
    document.title = title;
    main.innerHTML = `<h1>${title}</h1><p>${items.length} things</p><div class="grid">${items.map(card).join("")}</div>`;
  }
  function detail(item) {
    document.title = item.item_name;
    const described = JSON.stringify({
      "@context": "https://schema.org",
      "@type": "Product",
      name: item.item_name,
      sku: item.item_id,
      category: item.item_category,
      offers: { "@type": "Offer", price: item.price, priceCurrency: "USD" },
    });
    const others = all.filter((other) => other.item_category === item.item_category);
    main.innerHTML = `<script type="application/ld+json">${described}</` + `script><h1>${item.item_name}</h1>
<i class="picture"></i><button class="add" data-item="${item.item_id}">Add to cart</button>
<h2>Goes well with</h2><div class="grid">${others.map(card).join("")}</div>`;
    tell("view_item", [item]);
  }
  function render() {
    const [, kind, name] = location.pathname.split("/");
    scrollTo(0, 0);
    if (kind === "category") list(name, all.filter((item) => item.item_category === name));
    else if (kind === "product") detail(find(name));
    else list("Bench shop", all);
  }

  document.addEventListener("click", (event) => {
    const route = event.target.closest("[data-route]");
    const add = event.target.closest(".add");
    if (route) {
      event.preventDefault();
      history.pushState({}, "", route.getAttribute("href"));
      render();
    } else if (add) {
      const count = document.getElementById("cart");
      count.textContent = String(Number(count.textContent) + 1);
      tell("add_to_cart", [{ ...find(add.dataset.item), quantity: 1 }]);
    }
  });
  document.addEventListener("submit", (event) => {
    event.preventDefault();
    document.getElementById("said").textContent = "Thank you.";
    event.target.reset();
  });
  addEventListener("popstate", render);
  render();
}
