// Opens GraphiQL on this server. The first tab shows a query that works for everyone.
const start = async () => {
  const root = ReactDOM.createRoot(document.getElementById("graphiql"));
  const fetcher = GraphiQL.createFetcher({ url: "/graphql" });
  const defaultQuery =
    "# To be somebody: run sessionStart, then put the\n# token into the Headers tab below:\n" +
    '# { "Authorization": "Bearer ..." }\n\n' +
    "{\n  campaigns(first: 3) {\n    edges {\n      node {\n        id\n        title\n        status\n      }\n    }\n  }\n}\n";
  root.render(React.createElement(GraphiQL, { fetcher, defaultQuery, defaultEditorToolsVisibility: true }));
};
start();
