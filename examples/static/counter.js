// Stands for an analysis script: it sets a cookie by itself, and marks the page.
document.cookie = "_ga=GA1.1.1.1; Path=/; Max-Age=63072000; SameSite=Lax";
document.documentElement.dataset.counted = "yes";
