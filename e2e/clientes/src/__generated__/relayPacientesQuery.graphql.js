/**
 * @generated SignedSource<<62f04e08675a7585ef0f66821f4c49fb>>
 * @lightSyntaxTransform
 */

/* eslint-disable */

'use strict';

var node = (function(){
var v0 = [
  {
    "alias": null,
    "args": [
      {
        "kind": "Literal",
        "name": "first",
        "value": 1
      }
    ],
    "concreteType": "PacienteConnection",
    "kind": "LinkedField",
    "name": "pacientes",
    "plural": false,
    "selections": [
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "totalCount",
        "storageKey": null
      }
    ],
    "storageKey": "pacientes(first:1)"
  }
];
return {
  "fragment": {
    "argumentDefinitions": [],
    "kind": "Fragment",
    "metadata": null,
    "name": "relayPacientesQuery",
    "selections": (v0/*:: as any*/),
    "type": "Query",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": [],
    "kind": "Operation",
    "name": "relayPacientesQuery",
    "selections": (v0/*:: as any*/)
  },
  "params": {
    "cacheID": "956d423efa2df20c82b0b5c7db2521b9",
    "id": null,
    "metadata": {},
    "name": "relayPacientesQuery",
    "operationKind": "query",
    "text": "query relayPacientesQuery {\n  pacientes(first: 1) {\n    totalCount\n  }\n}\n"
  }
};
})();

node.hash = "f5439320286fba2caf81652cb0b8a415";

export default node;
