// Wires a session's page: its words are followed, searched, heard and taken along, beside what every page has.
import { Finding } from "./finding.js";
import { Follower } from "./follow.js";
import { player } from "./main.js";
import { required } from "./page.js";
import { Quoting } from "./quoting.js";
import { SpokenWords } from "./spoken-words.js";

const session = required(document, "#seance");
const words = new SpokenWords(session);
new Follower(session, words).follow(player);
const search = document.getElementById("chercher");
if (search) new Finding(search, session, words).listen();
const bar = document.getElementById("citer");
if (bar) new Quoting(bar, session, words).listen(player);
