/**
 * @generated SignedSource<<3f8027e36d00297ce82b7fa17cd349ba>>
 * @lightSyntaxTransform
 */

/* eslint-disable */

'use strict';

var node = (function(){
var v0 = {
  "defaultValue": null,
  "kind": "LocalArgument",
  "name": "ate"
},
v1 = {
  "defaultValue": null,
  "kind": "LocalArgument",
  "name": "de"
},
v2 = [
  {
    "alias": null,
    "args": [
      {
        "kind": "Literal",
        "name": "busca",
        "value": "Carlos Eduardo Nogueira"
      },
      {
        "kind": "Literal",
        "name": "first",
        "value": 1
      }
    ],
    "concreteType": "MedicoConnection",
    "kind": "LinkedField",
    "name": "medicos",
    "plural": false,
    "selections": [
      {
        "alias": null,
        "args": null,
        "concreteType": "MedicoEdge",
        "kind": "LinkedField",
        "name": "edges",
        "plural": true,
        "selections": [
          {
            "alias": null,
            "args": null,
            "concreteType": "Medico",
            "kind": "LinkedField",
            "name": "node",
            "plural": false,
            "selections": [
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "id",
                "storageKey": null
              },
              {
                "alias": null,
                "args": [
                  {
                    "kind": "Variable",
                    "name": "ate",
                    "variableName": "ate"
                  },
                  {
                    "kind": "Variable",
                    "name": "de",
                    "variableName": "de"
                  }
                ],
                "concreteType": "HorarioDisponivel",
                "kind": "LinkedField",
                "name": "horariosDisponiveis",
                "plural": true,
                "selections": [
                  {
                    "alias": null,
                    "args": null,
                    "kind": "ScalarField",
                    "name": "inicio",
                    "storageKey": null
                  }
                ],
                "storageKey": null
              }
            ],
            "storageKey": null
          }
        ],
        "storageKey": null
      }
    ],
    "storageKey": "medicos(busca:\"Carlos Eduardo Nogueira\",first:1)"
  }
];
return {
  "fragment": {
    "argumentDefinitions": [
      (v0/*:: as any*/),
      (v1/*:: as any*/)
    ],
    "kind": "Fragment",
    "metadata": null,
    "name": "relayHorariosQuery",
    "selections": (v2/*:: as any*/),
    "type": "Query",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": [
      (v1/*:: as any*/),
      (v0/*:: as any*/)
    ],
    "kind": "Operation",
    "name": "relayHorariosQuery",
    "selections": (v2/*:: as any*/)
  },
  "params": {
    "cacheID": "236e53b49c72ae8ae501dcbba4f455ae",
    "id": null,
    "metadata": {},
    "name": "relayHorariosQuery",
    "operationKind": "query",
    "text": "query relayHorariosQuery(\n  $de: Date!\n  $ate: Date!\n) {\n  medicos(busca: \"Carlos Eduardo Nogueira\", first: 1) {\n    edges {\n      node {\n        id\n        horariosDisponiveis(de: $de, ate: $ate) {\n          inicio\n        }\n      }\n    }\n  }\n}\n"
  }
};
})();

node.hash = "05bffcb6443caf5235023607ca785a1f";

export default node;
