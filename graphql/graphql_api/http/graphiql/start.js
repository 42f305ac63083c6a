// Opens GraphiQL on this server. The first tab shows a query that works for everyone.
const start = async () => {
  const root = ReactDOM.createRoot(document.getElementById("graphiql"));
  const fetcher = GraphiQL.createFetcher({ url: "/graphql" });
  const defaultQuery = "# Sign in with sessionStart, then put the token into the Headers tab:\n" +
    '# { "Authorization": "Bearer ..." }\n\n{\n  __typename\n}\n';
  root.render(React.createElement(GraphiQL, { fetcher, defaultQuery, defaultEditorToolsVisibility: true }));
};
start();
