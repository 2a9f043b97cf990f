/** The shops of this installation, and another one. */
import { Link } from "react-aria-components";
import { useMe } from "../me.tsx";
import { useWords } from "../words/index.tsx";
import { NewSite } from "./new-site.tsx";

export default function Sites() {
  const words = useWords();
  const { user, sites } = useMe();
  return (
    <>
      <ul className="plain">
        {sites.map(({ slug, name }) => (
          <li key={slug}>
            <Link href={`/${slug}`}>
              <bdi>{name}</bdi>
            </Link>{" "}
            <code>{slug}</code>
          </li>
        ))}
      </ul>
      {user.site == null && (
        <section>
          <h2>{words.data.sites.another}</h2>
          <p>{words.firstRun.siteIntro}</p>
          <NewSite />
        </section>
      )}
    </>
  );
}
