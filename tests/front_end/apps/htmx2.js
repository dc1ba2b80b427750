import "htmx2";
